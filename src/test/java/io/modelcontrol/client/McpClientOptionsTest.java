package io.modelcontrol.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.vertx.core.buffer.Buffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class McpClientOptionsTest {
  @ParameterizedTest
  @CsvSource({
    "mcp://example.org:9002, example.org, 9002",
    "mcp://example.org, example.org, 9001",
    "MCP://127.0.0.1:1/, 127.0.0.1, 1",
    "mcp://[::1]:65535, ::1, 65535"
  })
  void readsUris(String uri, String host, int port) {
    McpClientOptions options = McpClientOptions.fromUri(uri);
    assertThat(options.getHost()).isEqualTo(host);
    assertThat(options.getPort()).isEqualTo(port);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "localhost:9001",
        "http://h:1",
        "mcp://",
        "mcp://h:0",
        "mcp://h:65536",
        "mcp://h:x",
        "mcp://h:1/path",
        "mcp://user@h:1",
        "mcp://h:1?q",
        "mcp://a b"
      })
  void refusesWhatIsNoUri(String uri) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> McpClientOptions.fromUri(uri))
        .withMessageContaining("mcp://host:port");
  }

  @Test
  void copiesAndReadsBackEveryOption() {
    McpClientOptions options =
        new McpClientOptions()
            .setHost("h")
            .setPort(1)
            .setConnectTimeoutMs(2)
            .setRequestTimeoutMs(3)
            .setLoadTimeoutMs(4)
            .setMaxQueuedRequests(5)
            .setMaxConcurrentStreams(6)
            .setStreamWindowBytes(70_000)
            .setSessionWindowBytes(300_000)
            .setMaxMessageBytes(80_000)
            .setKeepaliveMs(7)
            .setAuthMethod("token")
            .setCredential(Buffer.buffer("secret"))
            .setAgent("a")
            .setRetry(
                new RetryOptions()
                    .setMaxAttempts(7)
                    .setInitialDelayMs(8)
                    .setMaxDelayMs(9)
                    .setBudgetTokens(10));
    assertThat(new McpClientOptions(options).toJson()).isEqualTo(options.toJson());
    assertThat(new McpClientOptions(options.toJson()).toJson()).isEqualTo(options.toJson());
  }

  @Test
  void refusesWindowsBelowTheContracts() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new McpClientOptions().setStreamWindowBytes(65_535));
  }
}
