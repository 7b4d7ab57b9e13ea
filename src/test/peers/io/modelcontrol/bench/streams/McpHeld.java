package io.modelcontrol.bench.streams;

import io.modelcontrol.bench.echo.Echo;
import io.modelcontrol.client.McpClient;
import io.modelcontrol.client.McpClientOptions;
import io.modelcontrol.server.McpServer;
import io.modelcontrol.server.McpServerOptions;
import io.modelcontrol.server.McpServerRequest;
import io.modelcontrol.session.transport.McpStream;
import io.modelcontrol.wire.Message;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Streams of this project that carry messages of an application. */
final class McpHeld implements Held {
  private static final int TYPE = 0x80;

  private final Vertx vertx = Vertx.vertx();
  private final ByteBuf payload = Echo.payload(Answers.MESSAGE_BYTES);
  private final McpStream[] streams;
  private final Answers answers;
  private final Handler<Message> taker = this::take;
  private final Handler<Throwable> failed;
  private McpServer server;
  private McpClient client;
  private EventLoop serverLoop;
  private Context clientContext;

  McpHeld(int streams, Answers answers) throws TimeoutException {
    this.streams = new McpStream[streams];
    this.answers = answers;
    this.failed = answers::failed;
    get(vertx.deployVerticle(this::serve));
    get(vertx.deployVerticle(this::prepare));
  }

  private Future<?> serve(Context context) {
    serverLoop = ((ContextInternal) context).nettyEventLoop();
    server =
        McpServer.create(
            vertx, new McpServerOptions().setPort(0).setMaxConcurrentStreams(streams.length));
    server.requestHandler(TYPE, McpHeld::echo);
    return server.listen();
  }

  private static void echo(McpServerRequest request) {
    McpStream stream = request.stream();
    stream.handler(stream::write);
    stream.write(request.message());
  }

  /** On another event loop than the server's, the next one. */
  private Future<?> prepare(Context context) {
    clientContext = context;
    return Future.succeededFuture();
  }

  @Override
  public void connect() throws TimeoutException {
    get(
        Future.future(
            connected -> clientContext.runOnContext(v -> create().onComplete(connected))));
  }

  /** A client lives on the event loop that creates it, and does not outlive its close. */
  private Future<Void> create() {
    client = McpClient.create(vertx, new McpClientOptions().setPort(server.actualPort()));
    return client.connect();
  }

  @Override
  public void open(int stream) {
    client.stream()
        .onSuccess(
            opened -> {
              streams[stream] = opened.handler(taker).exceptionHandler(failed);
              send(stream);
            })
        .onFailure(failed);
  }

  @Override
  public void send(int stream) {
    streams[stream].write(Message.ofApplication(TYPE).content(payload.duplicate()));
  }

  private void take(Message answer) {
    int bytes = answer.content().readableBytes();
    answer.release();
    answers.arrived(bytes);
  }

  @Override
  public EventLoop clientLoop() {
    return ((ContextInternal) clientContext).nettyEventLoop();
  }

  @Override
  public EventLoop serverLoop() {
    return serverLoop;
  }

  @Override
  public void disconnect() throws TimeoutException {
    get(client.close());
    Arrays.fill(streams, null);
  }

  @Override
  public void close() throws TimeoutException {
    get(vertx.close());
  }

  private static void get(Future<?> future) throws TimeoutException {
    future.await(30, TimeUnit.SECONDS);
  }
}
