package io.modelcontrol.bench.session;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ClientCalls;
import io.modelcontrol.bench.echo.Echo;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** A channel of its own for each unary call of grpc-java. */
final class GrpcConnect implements Echo {
  private final byte[] payload;
  private final Server server;

  GrpcConnect(int payloadBytes) throws IOException {
    payload = new byte[payloadBytes];
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .directExecutor()
            .addService(GrpcUnary.service(() -> {}))
            .build()
            .start();
  }

  @Override
  public void call(Caller caller) {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", server.getPort())
            .directExecutor()
            .usePlaintext()
            .build();
    ClientCalls.asyncUnaryCall(
        channel.newCall(GrpcUnary.METHOD, CallOptions.DEFAULT),
        payload,
        new GrpcUnary.Answer(caller, channel::shutdown));
  }

  @Override
  public void close() {
    server.shutdownNow();
  }
}
