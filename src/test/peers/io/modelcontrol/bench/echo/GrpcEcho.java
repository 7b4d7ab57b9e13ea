package io.modelcontrol.bench.echo;

import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.modelcontrol.bench.push.GrpcBytes;
import java.io.IOException;
import java.io.InputStream;

/** Unary calls of grpc-java that carry bytes. */
final class GrpcEcho implements Echo {
  private static final MethodDescriptor<InputStream, InputStream> METHOD =
      GrpcConnection.method(MethodDescriptor.MethodType.UNARY);

  private final byte[] payload;
  private final byte[] answer;
  private final GrpcConnection connection;

  GrpcEcho(int requestBytes, int answerBytes) throws IOException {
    payload = new byte[requestBytes];
    answer = new byte[answerBytes];
    connection =
        new GrpcConnection(
            GrpcConnection.service()
                .addMethod(METHOD, ServerCalls.asyncUnaryCall(this::answer))
                .build());
  }

  private void answer(InputStream request, StreamObserver<InputStream> to) {
    GrpcBytes.take(request);
    to.onNext(GrpcBytes.of(answer));
    to.onCompleted();
  }

  @Override
  public void call(Caller caller) {
    ClientCalls.asyncUnaryCall(
        connection.client().newCall(METHOD, CallOptions.DEFAULT),
        GrpcBytes.of(payload),
        new Answer(caller));
  }

  @Override
  public void close() {
    connection.close();
  }

  private static final class Answer implements StreamObserver<InputStream> {
    private final Caller caller;
    private int bytes;

    Answer(Caller caller) {
      this.caller = caller;
    }

    @Override
    public void onNext(InputStream value) {
      bytes = GrpcBytes.take(value);
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
