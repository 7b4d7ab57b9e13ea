package io.modelcontrol.bench.echo;

import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.modelcontrol.bench.push.GrpcBytes;
import java.io.IOException;
import java.io.InputStream;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Bidirectional calls of grpc-java that stay open: one for each request in flight. */
final class GrpcHeldEcho implements Echo {
  private static final MethodDescriptor<InputStream, InputStream> METHOD =
      GrpcConnection.method(MethodDescriptor.MethodType.BIDI_STREAMING);

  private final byte[] payload;
  private final byte[] answer;
  private final GrpcConnection connection;
  private final Queue<Lane> idle = new ConcurrentLinkedQueue<>();

  GrpcHeldEcho(int requestBytes, int answerBytes) throws IOException {
    payload = new byte[requestBytes];
    answer = new byte[answerBytes];
    connection =
        new GrpcConnection(
            GrpcConnection.service()
                .addMethod(METHOD, ServerCalls.asyncBidiStreamingCall(Answering::new))
                .build());
  }

  @Override
  public void call(Caller caller) {
    Lane lane = idle.poll();
    if (lane == null) {
      lane = new Lane();
      lane.requests =
          ClientCalls.asyncBidiStreamingCall(
              connection.client().newCall(METHOD, CallOptions.DEFAULT), lane);
    }
    lane.caller = caller;
    lane.requests.onNext(GrpcBytes.of(payload));
  }

  @Override
  public void close() {
    connection.close();
  }

  /** One call, on which one request is in flight at a time. */
  private final class Lane implements StreamObserver<InputStream> {
    private StreamObserver<InputStream> requests;
    private volatile Caller caller;

    @Override
    public void onNext(InputStream value) {
      Caller asked = caller;
      int bytes = GrpcBytes.take(value);
      idle.add(this);
      asked.answered(bytes);
    }

    @Override
    public void onError(Throwable failure) {
      caller.failed(failure);
    }

    @Override
    public void onCompleted() {
      caller.failed(new IllegalStateException("the server ended a call"));
    }
  }

  private final class Answering implements StreamObserver<InputStream> {
    private final StreamObserver<InputStream> to;

    Answering(StreamObserver<InputStream> to) {
      this.to = to;
    }

    @Override
    public void onNext(InputStream request) {
      GrpcBytes.take(request);
      to.onNext(GrpcBytes.of(answer));
    }

    @Override
    public void onError(Throwable failure) {
      // The client has gone.
    }

    @Override
    public void onCompleted() {
      to.onCompleted();
    }
  }
}
