package io.modelcontrol.bench.session;

import io.modelcontrol.bench.echo.Echo;
import io.modelcontrol.bench.echo.Sockets;
import io.modelcontrol.client.McpClient;
import io.modelcontrol.client.McpClientOptions;
import io.modelcontrol.server.McpServer;
import io.modelcontrol.wire.Message;
import io.netty.buffer.ByteBuf;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.concurrent.TimeoutException;

/** A client of its own for each request of this project: connect, handshake, request, close. */
final class McpConnect implements Echo {
  private final Vertx vertx = Sockets.vertx();
  private final ByteBuf payload;
  private final McpServer server;
  private Context context;

  McpConnect(int payloadBytes) throws TimeoutException {
    payload = Echo.payload(payloadBytes);
    server =
        Mcp.serve(vertx, started -> started.requestHandler(Mcp.TYPE, r -> r.reply(r.message())));
    Mcp.await(vertx.deployVerticle(this::start));
  }

  /** On another event loop than the server's, the next one. */
  private Future<?> start(Context clientContext) {
    context = clientContext;
    return Future.succeededFuture();
  }

  @Override
  public void execute(Runnable task) {
    context.runOnContext(v -> task.run());
  }

  @Override
  public void call(Caller caller) {
    McpClient client = McpClient.create(vertx, new McpClientOptions().setPort(server.actualPort()));
    client
        .connect()
        .compose(v -> client.request(Message.ofApplication(Mcp.TYPE).content(payload.duplicate())))
        .compose(
            answer -> {
              int bytes = answer.content().readableBytes();
              answer.release();
              return client.close().map(bytes);
            })
        .onComplete(caller::answered, caller::failed);
  }

  @Override
  public void close() throws TimeoutException {
    Mcp.await(vertx.close());
  }
}
