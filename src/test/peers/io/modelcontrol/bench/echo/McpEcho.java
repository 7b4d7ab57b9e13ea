package io.modelcontrol.bench.echo;

import io.modelcontrol.client.McpClient;
import io.modelcontrol.client.McpClientOptions;
import io.modelcontrol.server.McpServer;
import io.modelcontrol.server.McpServerOptions;
import io.modelcontrol.server.McpServerRequest;
import io.modelcontrol.wire.Message;
import io.netty.buffer.ByteBuf;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Requests of this project, each on a stream of its own; no model is behind them. */
final class McpEcho implements Echo {
  private static final int TYPE = 0x80;
  private static final int STREAMS = 4096;

  private final Vertx vertx = Sockets.vertx();
  private final ByteBuf payload;
  private final ByteBuf answer;
  private McpServer server;
  private McpClient client;
  private Context context;

  McpEcho(int requestBytes, int answerBytes) throws TimeoutException {
    payload = Echo.payload(requestBytes);
    answer = requestBytes == answerBytes ? null : Echo.payload(answerBytes);
    get(vertx.deployVerticle(this::serve));
    get(vertx.deployVerticle(this::connect));
  }

  private Future<?> serve(Context serverContext) {
    server =
        McpServer.create(vertx, new McpServerOptions().setPort(0).setMaxConcurrentStreams(STREAMS));
    server.requestHandler(TYPE, this::answer);
    return server.listen();
  }

  private void answer(McpServerRequest request) {
    if (answer == null) {
      request.reply(request.message());
    } else {
      request.message().release();
      request.reply(Message.ofApplication(TYPE).content(answer.duplicate()));
    }
  }

  /** On another event loop than the server's, the next one. */
  private Future<?> connect(Context clientContext) {
    context = clientContext;
    client = McpClient.create(vertx, new McpClientOptions().setPort(server.actualPort()));
    return client.connect();
  }

  @Override
  public void execute(Runnable task) {
    context.runOnContext(v -> task.run());
  }

  @Override
  public void call(Caller caller) {
    client
        .request(Message.ofApplication(TYPE).content(payload.duplicate()))
        .onComplete(
            message -> {
              int bytes = message.content().readableBytes();
              message.release();
              caller.answered(bytes);
            },
            caller::failed);
  }

  @Override
  public void close() throws TimeoutException {
    get(vertx.close());
  }

  private static void get(Future<?> future) throws TimeoutException {
    future.await(30, TimeUnit.SECONDS);
  }
}
