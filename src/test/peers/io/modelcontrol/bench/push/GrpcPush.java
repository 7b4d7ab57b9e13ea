package io.modelcontrol.bench.push;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A server-streaming call of grpc-java on its event loops, with windows of 8 MiB. */
final class GrpcPush implements Push {
  private static final int WINDOW_BYTES = 8 << 20;

  /** The default of 32 KiB lets but one large message wait, and is slower. */
  private static final int READY_BYTES = 1 << 20;

  private static final long END_WITHIN_SECONDS = 30;
  private static final String SERVICE = "bench.Push";
  private static final MethodDescriptor<InputStream, InputStream> METHOD =
      MethodDescriptor.<InputStream, InputStream>newBuilder()
          .setType(MethodDescriptor.MethodType.SERVER_STREAMING)
          .setFullMethodName(MethodDescriptor.generateFullMethodName(SERVICE, "push"))
          .setRequestMarshaller(new GrpcBytes())
          .setResponseMarshaller(new GrpcBytes())
          .build();

  private final byte[] payload;
  private final Server server;
  private final ManagedChannel client;
  private volatile boolean ending;
  private boolean ended;

  GrpcPush(int size, Taken taken) throws IOException {
    payload = new byte[size];
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .directExecutor()
            .flowControlWindow(WINDOW_BYTES)
            .addService(
                ServerServiceDefinition.builder(SERVICE)
                    .addMethod(METHOD, ServerCalls.asyncServerStreamingCall(this::push))
                    .build())
            .build()
            .start();
    client =
        NettyChannelBuilder.forAddress("127.0.0.1", server.getPort())
            .directExecutor()
            .flowControlWindow(WINDOW_BYTES)
            .usePlaintext()
            .build();
    ClientCalls.asyncServerStreamingCall(
        client.newCall(METHOD, CallOptions.DEFAULT), GrpcBytes.of(new byte[0]), new Taker(taken));
  }

  private void push(InputStream request, StreamObserver<InputStream> observer) {
    GrpcBytes.take(request);
    ServerCallStreamObserver<InputStream> stream = (ServerCallStreamObserver<InputStream>) observer;
    stream.setOnReadyThreshold(READY_BYTES);
    stream.setOnReadyHandler(
        () -> {
          while (stream.isReady() && !ending) {
            stream.onNext(GrpcBytes.of(payload));
          }
          if (ending && !ended) {
            ended = true;
            stream.onCompleted();
          }
        });
  }

  /** The call ends first: a server that is cut off while it pushes logs an error. */
  @Override
  public void close() throws TimeoutException {
    ending = true;
    client.shutdown();
    try {
      if (!client.awaitTermination(END_WITHIN_SECONDS, TimeUnit.SECONDS)
          || !server.shutdown().awaitTermination(END_WITHIN_SECONDS, TimeUnit.SECONDS)) {
        throw new TimeoutException("the call does not end");
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException("a benchmark is not interrupted", e);
    }
  }

  /** Asks for all there will be: the windows hold the server back. */
  private record Taker(Taken taken) implements ClientResponseObserver<InputStream, InputStream> {
    @Override
    public void beforeStart(ClientCallStreamObserver<InputStream> stream) {
      stream.disableAutoRequestWithInitial(Integer.MAX_VALUE);
    }

    @Override
    public void onNext(InputStream item) {
      taken.item(GrpcBytes.take(item));
    }

    @Override
    public void onError(Throwable failure) {
      taken.failed(failure);
    }

    @Override
    public void onCompleted() {
      taken.failed(new IllegalStateException("the push has ended"));
    }
  }
}
