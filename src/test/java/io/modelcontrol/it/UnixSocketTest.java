package io.modelcontrol.it;

import static io.modelcontrol.testing.TestNode.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.client.McpClient;
import io.modelcontrol.client.McpClientOptions;
import io.modelcontrol.server.McpServer;
import io.modelcontrol.server.McpServerOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sessions over a socket in the file system. */
class UnixSocketTest {
  private final Vertx vertx = Vertx.vertx();

  @TempDir Path folder;

  @AfterEach
  void stop() throws Exception {
    await(vertx.close());
  }

  @Test
  void aServerListensAtAPathWithoutAskingForAPassword() throws Exception {
    String host = "unix:" + folder.resolve("s");
    McpServer server = McpServer.create(vertx, new McpServerOptions().setHost(host));
    await(server.listen());
    McpClient client = McpClient.create(vertx, new McpClientOptions().setHost(host));
    await(client.connect());
    assertThat(client.identity()).isEqualTo("anonymous");
    assertThat(await(client.ping())).isPositive();
    assertThat(server.sessionCount()).isEqualTo(1);
    await(client.close());
    await(server.close());
  }

  @Test
  void aClientIsToldThatNobodyListens() throws Exception {
    McpClient client =
        McpClient.create(vertx, new McpClientOptions().setHost("unix:" + folder.resolve("nobody")));
    McpException error =
        await(
            client
                .connect()
                .transform(done -> Future.succeededFuture(McpException.of(done.cause()))));
    assertThat(error.code()).isIn(ErrorCode.NETWORK_CONNECTION_REFUSED, ErrorCode.NETWORK_IO_ERROR);
  }
}
