package io.modelcontrol.bench.session;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ClientCalls;
import io.modelcontrol.bench.echo.Echo;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/** Unary calls of grpc-java that the server counts; each side has a thread of its own. */
final class GrpcRequests implements Echo {
  private final EventLoopGroup serverLoop = loop();
  private final EventLoopGroup clientLoop = loop();
  private final byte[] payload = new byte[Allocation.PAYLOAD_BYTES];
  private final Server server;
  private final ManagedChannel client;

  GrpcRequests(Allocation allocation) throws IOException {
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .channelType(NioServerSocketChannel.class)
            .bossEventLoopGroup(serverLoop)
            .workerEventLoopGroup(serverLoop)
            .directExecutor()
            .addService(GrpcUnary.service(allocation::onRequest))
            .build()
            .start();
    client =
        NettyChannelBuilder.forAddress("127.0.0.1", server.getPort())
            .channelType(NioSocketChannel.class)
            .eventLoopGroup(clientLoop)
            .directExecutor()
            .usePlaintext()
            .build();
  }

  private static EventLoopGroup loop() {
    return new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  }

  @Override
  public void call(Caller caller) {
    ClientCalls.asyncUnaryCall(
        client.newCall(GrpcUnary.METHOD, CallOptions.DEFAULT),
        payload,
        new GrpcUnary.Answer(caller, () -> {}));
  }

  @Override
  public void close() {
    client.shutdownNow();
    server.shutdownNow();
    clientLoop.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    serverLoop.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }
}
