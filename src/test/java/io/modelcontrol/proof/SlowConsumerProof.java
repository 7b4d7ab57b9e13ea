package io.modelcontrol.proof;

import io.modelcontrol.client.McpClient;
import io.modelcontrol.testing.RawPeer;
import io.modelcontrol.wire.Limits;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.TimeoutException;

/**
 * One consumer that asks for many large answers and grants no credit for them: what the server
 * holds for it stays within its streams, and other sessions are as fast as before. Quiet and
 * disturbed rounds alternate, and the median of their ratios counts, since a machine has moods of
 * its own.
 */
public final class SlowConsumerProof implements Proof {
  private static final int DEFAULT_SAMPLES = 2_000;
  private static final int ROUNDS = 9;
  private static final int STREAMS = 128;
  private static final int ANSWER_FLOATS = 50_000;
  private static final long ANSWER_BYTES = 4L * ANSWER_FLOATS;
  private static final double MAX_RATIO = 1.5;

  /**
   * What the consumer's answers are held in may be larger than they are; garbage comes and goes.
   */
  private static final long SLACK_BYTES = 24L << 20;

  /** Longer than the proof takes: the consumer stays what it is. */
  private static final int STALL_MS = 600_000;

  private final double maxRatio;

  public SlowConsumerProof() {
    this(MAX_RATIO);
  }

  /**
   * @param maxRatio more where the samples are too few to judge by
   */
  SlowConsumerProof(double maxRatio) {
    this.maxRatio = maxRatio;
  }

  @Override
  public String run(ProofArgs args) throws Exception {
    int samples = args.countOr(DEFAULT_SAMPLES);
    try (EchoNode node = new EchoNode(STALL_MS)) {
      McpClient bystander = node.client();
      measure(bystander, samples);
      double[] quiet = new double[ROUNDS];
      double[] disturbed = new double[ROUNDS];
      double[] ratios = new double[ROUNDS];
      long most = 0;
      for (int round = 0; round < ROUNDS; round++) {
        quiet[round] = measure(bystander, samples);
        long before = EchoNode.usedBytes();
        try (RawPeer consumer = stuckConsumer(node)) {
          most = Math.max(most, EchoNode.usedBytes() - before);
          disturbed[round] = measure(bystander, samples);
          if (consumer.hasEnded()) {
            throw new AssertionError("the consumer was cut off while others were measured");
          }
        }
        Waiting.until(() -> node.sessions() == 1, "the consumer's session to end");
        ratios[round] = disturbed[round] / quiet[round];
      }
      long bound = STREAMS * ANSWER_BYTES + SLACK_BYTES;
      if (most > bound) {
        throw new AssertionError(most + " bytes are held for one consumer, bound " + bound);
      }
      if (median(ratios) >= maxRatio) {
        throw new AssertionError("p99 of others moves by " + Arrays.toString(ratios));
      }
      return String.format(
          Locale.ROOT,
          "%d rounds of %d samples: p99 of another session %.2f ms before, %.2f ms during, median"
              + " ratio %.2f; %d KiB held for the consumer, of %d KiB that its %d streams bound",
          ROUNDS,
          samples,
          median(quiet),
          median(disturbed),
          median(ratios),
          most / 1024,
          STREAMS * ANSWER_BYTES / 1024,
          STREAMS);
    }
  }

  /** A consumer all of whose streams hold an answer that nobody takes. */
  private static RawPeer stuckConsumer(EchoNode node) throws IOException {
    RawPeer consumer = new RawPeer(node.port(), new Limits(0, 0, 0, 0, 0));
    consumer.startReading();
    byte[] request = Flood.request(ANSWER_FLOATS, 0);
    for (int i = 0; i < STREAMS; i++) {
      consumer.message(Flood.odd(i), request, true);
    }
    consumer.message(Flood.odd(STREAMS), request, true);
    consumer.flush();
    Waiting.until(() -> !consumer.resets().isEmpty(), "a stream too many", Duration.ofSeconds(30));
    return consumer;
  }

  /** The p99 in milliseconds of requests that follow each other. */
  private static double measure(McpClient client, int samples) throws TimeoutException {
    long[] nanos = new long[samples];
    for (int i = 0; i < samples; i++) {
      nanos[i] = EchoNode.Bystander.infer(client);
    }
    return EchoNode.percentile(nanos, 99);
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
