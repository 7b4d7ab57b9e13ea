package io.modelcontrol.bench.serving;

import ai.onnxruntime.OrtException;
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
import io.modelcontrol.bench.echo.Echo;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A gRPC server of the Open Inference Protocol: calls are decoded on the event loop and run by as
 * many threads as a model has workers here.
 */
final class GrpcServing implements Echo {
  private static final int MAX_MESSAGE_BYTES = 64 << 20;
  private static final String SERVICE = "inference.GRPCInferenceService";
  private static final MethodDescriptor<InferMessage, InferMessage> METHOD =
      MethodDescriptor.<InferMessage, InferMessage>newBuilder()
          .setType(MethodDescriptor.MethodType.UNARY)
          .setFullMethodName(MethodDescriptor.generateFullMethodName(SERVICE, "ModelInfer"))
          .setRequestMarshaller(InferMarshaller.REQUEST)
          .setResponseMarshaller(InferMarshaller.RESPONSE)
          .build();

  private final Sample sample;
  private final OrtModel model;
  private final ExecutorService workers;
  private final ThreadLocal<ByteBuffer> inputs;
  private final byte[] payload;
  private final Server server;
  private final ManagedChannel client;
  private long calls;

  GrpcServing(Sample sample, int threads) throws IOException, OrtException {
    this.sample = sample;
    model = new OrtModel(sample.model());
    workers = Executors.newFixedThreadPool(threads);
    payload = new byte[sample.data().remaining()];
    sample.freshData().get(payload);
    inputs =
        ThreadLocal.withInitial(
            () -> ByteBuffer.allocateDirect(payload.length).order(ByteOrder.nativeOrder()));
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .directExecutor()
            .maxInboundMessageSize(MAX_MESSAGE_BYTES)
            .addService(
                ServerServiceDefinition.builder(SERVICE)
                    .addMethod(METHOD, ServerCalls.asyncUnaryCall(this::infer))
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

  private void infer(InferMessage request, StreamObserver<InferMessage> observer) {
    workers.execute(
        () -> {
          try {
            ByteBuffer input = inputs.get().clear().put(request.data()).flip();
            ByteBuffer output = model.run(input, request.shape());
            observer.onNext(
                new InferMessage(
                    request.model(),
                    request.id(),
                    sample.output(),
                    new long[] {1, output.remaining() / Float.BYTES},
                    output));
            observer.onCompleted();
          } catch (OrtException | RuntimeException e) {
            observer.onError(e);
          }
        });
  }

  @Override
  public void call(Caller caller) {
    InferMessage request =
        new InferMessage(
            "model",
            Long.toString(++calls),
            sample.input(),
            sample.shape(),
            ByteBuffer.wrap(payload));
    ClientCalls.asyncUnaryCall(
        client.newCall(METHOD, CallOptions.DEFAULT), request, new Answer(sample, caller));
  }

  @Override
  public void close() {
    client.shutdownNow();
    server.shutdownNow();
    workers.shutdown();
    try {
      model.close();
    } catch (OrtException e) {
      throw new IllegalStateException("the session does not close", e);
    }
  }

  private static final class Answer implements StreamObserver<InferMessage> {
    private final Sample sample;
    private final Caller caller;
    private int bytes;

    Answer(Sample sample, Caller caller) {
      this.sample = sample;
      this.caller = caller;
    }

    @Override
    public void onNext(InferMessage answer) {
      bytes = answer.data().remaining();
      sample.check(answer.data());
    }

    @Override
    public void onError(Throwable failure) {
      caller.failed(failure);
    }

    @Override
    public void onCompleted() {
      caller.answered(bytes);
    }
  }
}
