package io.modelcontrol.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import examples.StreamExamples;
import io.modelcontrol.client.McpClient;
import io.modelcontrol.client.McpClientOptions;
import io.modelcontrol.server.McpServer;
import io.modelcontrol.server.McpServerOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class StreamExamplesTest {
  private static final int MANY = 10_000;

  private final StreamExamples examples = new StreamExamples();
  private Vertx vertx;
  private McpClient client;

  @BeforeEach
  void connect() {
    vertx = Vertx.vertx();
    McpServer server =
        examples.serveReadings(McpServer.create(vertx, new McpServerOptions().setPort(0)));
    await(server.listen());
    client =
        McpClient.create(
            vertx,
            new McpClientOptions().setPort(server.actualPort()).setStreamWindowBytes(64 * 1024));
    await(client.connect());
  }

  @AfterEach
  void stop() {
    await(client.close());
    await(vertx.close());
  }

  @Test
  void aReaderThatTakesOneAtATimeGetsAllInOrder() {
    List<String> stored = new ArrayList<>();
    await(
        examples.store(
            client,
            MANY,
            value -> {
              stored.add(value);
              return Future.succeededFuture();
            }));
    assertThat(stored).isEqualTo(IntStream.range(0, MANY).mapToObj(Integer::toString).toList());
  }

  @Test
  void aReaderThatFailsEndsTheStream() {
    IllegalStateException full = new IllegalStateException("the disk is full");
    assertThatThrownBy(
            () -> await(examples.store(client, MANY, value -> Future.failedFuture(full))))
        .isInstanceOf(CompletionException.class)
        .hasCause(full);
  }

  private static <T> T await(Future<T> future) {
    return future.toCompletionStage().toCompletableFuture().orTimeout(30, TimeUnit.SECONDS).join();
  }
}
