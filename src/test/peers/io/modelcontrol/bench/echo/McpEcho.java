package io.modelcontrol.bench.echo;

import io.modelcontrol.client.McpClient;
import io.modelcontrol.client.McpClientOptions;
import io.modelcontrol.server.McpServer;
import io.modelcontrol.server.McpServerOptions;
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

  private final Vertx vertx = Vertx.vertx();
  private final ByteBuf payload;
  private McpServer server;
  private McpClient client;
  private Context context;

  McpEcho(int payloadBytes) throws TimeoutException {
    payload = Echo.payload(payloadBytes);
    get(vertx.deployVerticle(this::serve));
    get(vertx.deployVerticle(this::connect));
  }

  private Future<?> serve(Context serverContext) {
    server =
        McpServer.create(vertx, new McpServerOptions().setPort(0).setMaxConcurrentStreams(STREAMS));
    server.requestHandler(TYPE, request -> request.reply(request.message()));
    return server.listen();
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
  public void call(Runnable answered) {
    client
        .request(Message.ofApplication(TYPE).content(payload.duplicate()))
        .onSuccess(
            answer -> {
              answer.release();
              answered.run();
            });
  }

  @Override
  public void close() throws TimeoutException {
    get(vertx.close());
  }

  private static void get(Future<?> future) throws TimeoutException {
    future.await(30, TimeUnit.SECONDS);
  }
}
