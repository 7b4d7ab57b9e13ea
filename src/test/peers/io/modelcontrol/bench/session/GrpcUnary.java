package io.modelcontrol.bench.session;

import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.modelcontrol.bench.echo.Echo;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** A unary method of grpc-java that answers with what it was asked. */
final class GrpcUnary {
  private static final String SERVICE = "bench.Echo";

  static final MethodDescriptor<byte[], byte[]> METHOD =
      MethodDescriptor.<byte[], byte[]>newBuilder()
          .setType(MethodDescriptor.MethodType.UNARY)
          .setFullMethodName(MethodDescriptor.generateFullMethodName(SERVICE, "call"))
          .setRequestMarshaller(new Bytes())
          .setResponseMarshaller(new Bytes())
          .build();

  private GrpcUnary() {}

  /**
   * @param asked run with each request
   */
  static ServerServiceDefinition service(Runnable asked) {
    return ServerServiceDefinition.builder(SERVICE)
        .addMethod(
            METHOD,
            ServerCalls.<byte[], byte[]>asyncUnaryCall(
                (request, answer) -> {
                  asked.run();
                  answer.onNext(request);
                  answer.onCompleted();
                }))
        .build();
  }

  /** Tells the end of a call that went well. */
  static final class Answer implements StreamObserver<byte[]> {
    private final Echo.Caller caller;
    private final Runnable before;
    private int bytes;

    /**
     * @param before run before the caller is told
     */
    Answer(Echo.Caller caller, Runnable before) {
      this.caller = caller;
      this.before = before;
    }

    @Override
    public void onNext(byte[] value) {
      bytes = value.length;
    }

    @Override
    public void onError(Throwable failure) {
      caller.failed(failure);
    }

    @Override
    public void onCompleted() {
      before.run();
      caller.answered(bytes);
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
        // Its length is known; to read all without it costs a buffer of 8 KiB.
        return stream.readNBytes(stream.available());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
