package io.modelcontrol.bench.echo;

import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.modelcontrol.bench.push.GrpcBytes;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** A server of grpc-java and one connection to it, on event loops only, with large windows. */
final class GrpcConnection {
  private static final int MAX_MESSAGE_BYTES = 64 << 20;
  private static final int WINDOW_BYTES = 8 << 20;
  private static final String SERVICE = "bench.Echo";

  private final Server server;
  private final ManagedChannel client;

  GrpcConnection(ServerServiceDefinition service) throws IOException {
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .directExecutor()
            .maxInboundMessageSize(MAX_MESSAGE_BYTES)
            .flowControlWindow(WINDOW_BYTES)
            .addService(service)
            .build()
            .start();
    client =
        NettyChannelBuilder.forAddress("127.0.0.1", server.getPort())
            .directExecutor()
            .maxInboundMessageSize(MAX_MESSAGE_BYTES)
            .flowControlWindow(WINDOW_BYTES)
            .usePlaintext()
            .build();
  }

  static ServerServiceDefinition.Builder service() {
    return ServerServiceDefinition.builder(SERVICE);
  }

  static MethodDescriptor<InputStream, InputStream> method(MethodDescriptor.MethodType type) {
    return MethodDescriptor.<InputStream, InputStream>newBuilder()
        .setType(type)
        .setFullMethodName(MethodDescriptor.generateFullMethodName(SERVICE, "call"))
        .setRequestMarshaller(new GrpcBytes())
        .setResponseMarshaller(new GrpcBytes())
        .build();
  }

  ManagedChannel client() {
    return client;
  }

  void close() {
    client.shutdownNow();
    server.shutdownNow();
  }
}
