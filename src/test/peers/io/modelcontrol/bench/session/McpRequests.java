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

/** Requests of this project, each on a stream of its own, that the server counts. */
final class McpRequests implements Echo {
  private final Vertx vertx = Sockets.vertx();
  private final ByteBuf payload = Echo.payload(Allocation.PAYLOAD_BYTES);
  private final McpServer server;
  private McpClient client;
  private Context context;

  McpRequests(Allocation allocation) throws TimeoutException {
    server =
        Mcp.serve(
            vertx,
            started ->
                started.requestHandler(
                    Mcp.TYPE,
                    request -> {
                      allocation.onRequest();
                      request.reply(request.message());
                    }));
    Mcp.await(vertx.deployVerticle(this::connect));
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
        .request(Message.ofApplication(Mcp.TYPE).content(payload.duplicate()))
        .onComplete(
            answer -> {
              int bytes = answer.content().readableBytes();
              answer.release();
              caller.answered(bytes);
            },
            caller::failed);
  }

  @Override
  public void close() throws TimeoutException {
    Mcp.await(vertx.close());
  }
}
