package io.modelcontrol.proof;

import io.modelcontrol.Tensor;
import io.modelcontrol.client.InferenceRequest;
import io.modelcontrol.client.InferenceResult;
import io.modelcontrol.client.McpClient;
import io.modelcontrol.client.McpClientOptions;
import io.modelcontrol.session.transport.McpStream;
import io.modelcontrol.wire.Message;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * One client that asks without pause: requests side by side, and streams on which numbered messages
 * go out and must come back, each once and in order. Everything happens on its own event loop.
 */
final class CutsLoad extends VerticleBase {
  private static final int REQUESTS_AT_ONCE = 4;
  private static final int STREAMS_AT_ONCE = 2;
  private static final int MESSAGES = 200;
  private static final int LARGEST_REQUEST = 30_000;
  private static final int LARGEST_MESSAGE = 4_000;
  private static final String NUMBER = "number";

  private final McpClientOptions options;
  private final Random random;
  private final ConnectionCutsProof.Totals totals;
  private final Promise<Void> done = Promise.promise();
  private McpClient client;
  private int running;
  private volatile boolean stopped;

  CutsLoad(McpClientOptions options, long seed, ConnectionCutsProof.Totals totals) {
    this.options = options;
    this.random = new Random(seed);
    this.totals = totals;
  }

  @Override
  public Future<?> start() {
    client = McpClient.create(vertx, options);
    client.closeHandler(
        v -> {
          if (!done.future().isComplete()) {
            totals.fail("a session", new AssertionError("was lost"));
          }
        });
    return client.connect().onSuccess(v -> begin());
  }

  private void begin() {
    running = REQUESTS_AT_ONCE + STREAMS_AT_ONCE;
    for (int i = 0; i < REQUESTS_AT_ONCE; i++) {
      ask();
    }
    for (int i = 0; i < STREAMS_AT_ONCE; i++) {
      echo();
    }
  }

  McpClient client() {
    return client;
  }

  /** Begins nothing new; {@link #done()} tells when the rest is there. */
  void finish() {
    stopped = true;
  }

  Future<Void> done() {
    return done.future();
  }

  private void next(Runnable action) {
    if (!stopped && !totals.hasFailed()) {
      action.run();
    } else if (--running == 0) {
      done.complete();
    }
  }

  private void ask() {
    long number = totals.asked.incrementAndGet();
    byte[] payload = new byte[random.nextInt(LARGEST_REQUEST)];
    random.nextBytes(payload);
    long start = System.nanoTime();
    client
        .infer(
            InferenceRequest.of(
                ConnectionCutsProof.MODEL,
                Tensor.of(CountingRuntime.NUMBER, new long[] {number}),
                Tensor.of(CountingRuntime.PAYLOAD, payload)))
        .onComplete(
            result -> {
              onAnswer(number, payload, result);
              totals.answered.incrementAndGet();
              long ms = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
              totals.slowestMs.accumulateAndGet((int) ms, Math::max);
              next(this::ask);
            },
            failure -> {
              totals.fail("request " + number, failure);
              next(this::ask);
            });
  }

  private void onAnswer(long number, byte[] payload, InferenceResult result) {
    long[] answer = result.tensor(CountingRuntime.ANSWER).toLongs();
    if (answer[0] != number || answer[1] != Arrays.hashCode(payload)) {
      totals.fail("request " + number, new AssertionError("was answered for " + answer[0]));
    }
  }

  private void echo() {
    client.stream()
        .onComplete(
            stream -> new Echo(stream).start(),
            failure -> {
              totals.fail("a stream", failure);
              next(this::echo);
            });
  }

  /** One stream: its numbered messages, out and back. */
  private final class Echo {
    private final McpStream stream;
    private int sent;
    private int received;

    Echo(McpStream stream) {
      this.stream = stream;
    }

    void start() {
      totals.streams.incrementAndGet();
      stream.handler(this::onMessage);
      stream.exceptionHandler(
          failure -> {
            totals.fail("stream " + stream.id() + " after " + received + " messages", failure);
            next(CutsLoad.this::echo);
          });
      stream.endHandler(v -> onEnd());
      stream.drainHandler(v -> send());
      send();
    }

    private void send() {
      while (sent < MESSAGES && !stream.writeQueueFull()) {
        byte[] weight = new byte[random.nextInt(LARGEST_MESSAGE)];
        Message message =
            Message.ofApplication(ConnectionCutsProof.ECHO)
                .parameter(NUMBER, Integer.toString(sent++))
                .tensor(Tensor.of(CountingRuntime.PAYLOAD, weight));
        stream.write(message);
        if (sent == MESSAGES) {
          stream.end();
        }
      }
    }

    private void onMessage(Message message) {
      String number = message.parameters().get(NUMBER);
      message.release();
      if (!Integer.toString(received).equals(number)) {
        totals.fail(
            "stream " + stream.id(),
            new AssertionError("message " + number + " came, " + received + " was next"));
      }
      received++;
      totals.echoed.incrementAndGet();
    }

    private void onEnd() {
      if (received != MESSAGES) {
        totals.fail(
            "stream " + stream.id(), new AssertionError("ended after " + received + " messages"));
      }
      next(CutsLoad.this::echo);
    }
  }
}
