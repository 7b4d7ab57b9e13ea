package io.modelcontrol.bench.echo;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.SocketAddress;
import io.vertx.grpc.client.GrpcClient;
import io.vertx.grpc.client.GrpcClientOptions;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.common.ServiceName;
import io.vertx.grpc.server.GrpcServer;
import io.vertx.grpc.server.GrpcServerOptions;
import io.vertx.grpc.server.GrpcServerRequest;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Unary calls of vertx-grpc that carry buffers; server and client on an event loop each. */
final class VertxGrpcEcho implements Echo {
  private static final ServiceName SERVICE = ServiceName.create("bench", "Echo");

  private static final long MAX_MESSAGE_BYTES = 64 << 20;

  private final Vertx vertx = Sockets.vertx();
  private final Buffer payload;
  private final Buffer answer;
  private HttpServer server;
  private GrpcClient client;
  private SocketAddress address;
  private Context context;

  VertxGrpcEcho(int requestBytes, int answerBytes) throws TimeoutException {
    payload = Buffer.buffer(new byte[requestBytes]);
    answer = Buffer.buffer(new byte[answerBytes]);
    get(vertx.deployVerticle(this::serve));
    get(vertx.deployVerticle(this::connect));
  }

  private Future<?> serve(Context serverContext) {
    GrpcServer grpc =
        GrpcServer.server(vertx, new GrpcServerOptions().setMaxMessageSize(MAX_MESSAGE_BYTES))
            .callHandler(this::answer);
    server =
        vertx
            .createHttpServer(new HttpServerOptions().setPort(0).setHost("127.0.0.1"))
            .requestHandler(grpc);
    return server.listen();
  }

  private void answer(GrpcServerRequest<Buffer, Buffer> call) {
    call.handler(request -> call.response().end(answer));
  }

  private Future<?> connect(Context clientContext) {
    context = clientContext;
    client = GrpcClient.client(vertx, new GrpcClientOptions().setMaxMessageSize(MAX_MESSAGE_BYTES));
    address = SocketAddress.inetSocketAddress(server.actualPort(), "127.0.0.1");
    return Future.succeededFuture();
  }

  @Override
  public void execute(Runnable task) {
    context.runOnContext(v -> task.run());
  }

  @Override
  public void call(Caller caller) {
    client
        .request(address)
        .compose(
            call -> {
              call.serviceName(SERVICE).methodName("call");
              return call.send(payload);
            })
        .compose(
            response ->
                response
                    .last()
                    .compose(
                        last ->
                            response
                                .end()
                                .map(v -> response.status() == GrpcStatus.OK ? last.length() : -1)))
        .onComplete(caller::answered, caller::failed);
  }

  @Override
  public void close() throws TimeoutException {
    get(vertx.close());
  }

  private static void get(Future<?> future) throws TimeoutException {
    future.await(30, TimeUnit.SECONDS);
  }
}
