package io.modelcontrol.bench.echo;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** Unary calls of grpc-java that carry bytes, on its event loops. */
final class GrpcEcho implements Echo {
  private static final int MAX_MESSAGE_BYTES = 64 << 20;
  private static final String SERVICE = "bench.Echo";
  private static final MethodDescriptor<byte[], byte[]> METHOD =
      MethodDescriptor.<byte[], byte[]>newBuilder()
          .setType(MethodDescriptor.MethodType.UNARY)
          .setFullMethodName(MethodDescriptor.generateFullMethodName(SERVICE, "call"))
          .setRequestMarshaller(new Bytes())
          .setResponseMarshaller(new Bytes())
          .build();

  private final byte[] payload;
  private final Server server;
  private final ManagedChannel client;

  GrpcEcho(int payloadBytes) throws IOException {
    payload = new byte[payloadBytes];
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .directExecutor()
            .maxInboundMessageSize(MAX_MESSAGE_BYTES)
            .addService(
                ServerServiceDefinition.builder(SERVICE)
                    .addMethod(METHOD, ServerCalls.asyncUnaryCall(GrpcEcho::echo))
                    .build())
            .build()
            .start();
    client =
        NettyChannelBuilder.forAddress("127.0.0.1", server.getPort())
            .directExecutor()
            .maxInboundMessageSize(MAX_MESSAGE_BYTES)
            .usePlaintext()
            .build();
  }

  private static void echo(byte[] request, StreamObserver<byte[]> answer) {
    answer.onNext(request);
    answer.onCompleted();
  }

  @Override
  public void call(Runnable answered) {
    ClientCalls.asyncUnaryCall(
        client.newCall(METHOD, CallOptions.DEFAULT), payload, new Answer(answered));
  }

  @Override
  public void close() {
    client.shutdownNow();
    server.shutdownNow();
  }

  private record Answer(Runnable answered) implements StreamObserver<byte[]> {
    @Override
    public void onNext(byte[] value) {
      // Told at the end of the call.
    }

    @Override
    public void onError(Throwable failure) {
      throw new IllegalStateException("a call failed", failure);
    }

    @Override
    public void onCompleted() {
      answered.run();
    }
  }

  private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
