package io.modelcontrol.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.server.McpServer;
import io.modelcontrol.server.McpServerOptions;
import io.modelcontrol.server.McpServerRequest;
import io.modelcontrol.wire.Message;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A server with stub handlers on a free loopback port, and a client that is connected to it. */
final class Peers implements AutoCloseable {
  static final int ECHO = 0x80;
  static final int SILENT = 0x81;

  private static final long WAIT_SECONDS = 30;

  final Vertx vertx;
  final McpServer server;
  McpClient client;

  Peers() {
    this(new McpServerOptions());
  }

  Peers(McpServerOptions options) {
    this(Vertx.vertx(), options);
  }

  Peers(Vertx vertx, McpServerOptions options) {
    this.vertx = vertx;
    this.server = McpServer.create(vertx, options.setPort(0));
    server.requestHandler(ECHO, Peers::echo);
    server.requestHandler(SILENT, request -> request.message().release());
  }

  /** Listens and connects; handlers are registered before. */
  Peers start() {
    return start(new McpClientOptions());
  }

  Peers start(McpClientOptions options) {
    await(server.listen());
    client = McpClient.create(vertx, options.setPort(server.actualPort()));
    await(client.connect());
    return this;
  }

  private static void echo(McpServerRequest request) {
    Message answer = Message.ofApplication(ECHO);
    request.message().tensors().forEach(tensor -> answer.tensor(tensor.retain()));
    request.message().parameters().forEach(answer::parameter);
    request.message().release();
    request.reply(answer);
  }

  static <T> T await(Future<T> future) {
    try {
      return future.await(WAIT_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError("nothing happened in " + WAIT_SECONDS + " s", e);
    }
  }

  /** Waits for a failure and gives its code. */
  static ErrorCode codeOf(Future<?> future) {
    return errorOf(future).code();
  }

  static McpException errorOf(Future<?> future) {
    try {
      future.toCompletionStage().toCompletableFuture().get(WAIT_SECONDS, TimeUnit.SECONDS);
      throw new AssertionError("succeeded, a failure was expected");
    } catch (ExecutionException | CompletionException e) {
      assertThat(e.getCause()).isInstanceOf(McpException.class);
      return (McpException) e.getCause();
    } catch (InterruptedException | TimeoutException e) {
      throw new AssertionError("no failure in " + WAIT_SECONDS + " s", e);
    }
  }

  @Override
  public void close() {
    if (client != null) {
      await(client.close());
    }
    await(server.close());
    await(vertx.close());
  }
}
