package io.modelcontrol.bench.push;

import io.modelcontrol.bench.echo.Echo;
import io.modelcontrol.bench.echo.Sockets;
import io.modelcontrol.client.McpClient;
import io.modelcontrol.client.McpClientOptions;
import io.modelcontrol.server.McpServer;
import io.modelcontrol.server.McpServerOptions;
import io.modelcontrol.server.McpServerRequest;
import io.modelcontrol.session.transport.McpStream;
import io.modelcontrol.wire.Message;
import io.netty.buffer.ByteBuf;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Messages of an application on one stream of this project, with the windows it has by default. */
final class McpPush implements Push {
  private static final int TYPE = 0x80;

  private final Vertx vertx = Sockets.vertx();
  private final ByteBuf payload;
  private final Taken taken;
  private McpServer server;

  McpPush(int size, Taken taken) throws TimeoutException {
    this.payload = Echo.payload(size);
    this.taken = taken;
    get(vertx.deployVerticle(this::serve));
    get(vertx.deployVerticle(this::take));
  }

  private Future<?> serve(Context serverContext) {
    server = McpServer.create(vertx, new McpServerOptions().setPort(0));
    server.requestHandler(TYPE, this::push);
    return server.listen();
  }

  private void push(McpServerRequest request) {
    request.message().release();
    McpStream stream = request.stream();
    stream.exceptionHandler(taken::failed);
    stream.drainHandler(v -> fill(stream));
    fill(stream);
  }

  private void fill(McpStream stream) {
    while (!stream.writeQueueFull()) {
      stream.write(Message.ofApplication(TYPE).content(payload.duplicate()));
    }
  }

  /** On another event loop than the server's, the next one. */
  private Future<?> take(Context clientContext) {
    McpClient client = McpClient.create(vertx, new McpClientOptions().setPort(server.actualPort()));
    return client.connect().compose(v -> client.stream()).compose(this::ask);
  }

  private Future<Void> ask(McpStream stream) {
    stream.exceptionHandler(taken::failed);
    stream.handler(
        message -> {
          taken.item(message.content().readableBytes());
          message.release();
        });
    return stream.write(Message.ofApplication(TYPE));
  }

  @Override
  public void close() throws TimeoutException {
    get(vertx.close());
  }

  private static void get(Future<?> future) throws TimeoutException {
    future.await(30, TimeUnit.SECONDS);
  }
}
