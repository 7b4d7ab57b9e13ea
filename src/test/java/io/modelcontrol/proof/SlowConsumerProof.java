package io.modelcontrol.proof;

import static io.modelcontrol.testing.TestNode.await;

import io.modelcontrol.Tensor;
import io.modelcontrol.client.McpClient;
import io.modelcontrol.client.ModelUpload;
import io.modelcontrol.server.McpServerOptions;
import io.modelcontrol.testing.RawPeer;
import io.modelcontrol.wire.Limits;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.TimeoutException;

/**
 * One consumer that asks for many large answers and grants no credit for them: what the server
 * holds for it stays within a window and the few answers that were under way, and other sessions
 * are as fast as before. Quiet and disturbed rounds alternate, and the median of their ratios
 * counts, since a machine has moods of its own.
 */
public final class SlowConsumerProof implements Proof {
  private static final int DEFAULT_SAMPLES = 2_000;
  private static final int ROUNDS = 9;
  private static final String EXPANDING = "expanding";
  private static final int STREAMS = 128;
  private static final int ROWS = 250;
  private static final int COLUMNS = 1_000;
  private static final long ANSWER_BYTES = 4L * ROWS * COLUMNS;
  private static final int WINDOW_BYTES = McpServerOptions.DEFAULT_SESSION_WINDOW_BYTES;

  /** So many answers may be under way before the server has seen how large they are. */
  private static final int UNDER_WAY = 16;

  private static final double MAX_RATIO = 1.5;

  /** Buffers that answers are held in are larger than they are; garbage comes and goes. */
  private static final long SLACK_BYTES = 8L << 20;

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
      prepare(bystander);
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
          most = Math.max(most, EchoNode.usedBytes() - before);
          if (consumer.hasEnded()) {
            throw new AssertionError("the consumer was cut off while others were measured");
          }
        }
        Waiting.until(() -> node.sessions() == 1, "the consumer's session to end");
        ratios[round] = disturbed[round] / quiet[round];
      }
      long bound = WINDOW_BYTES + UNDER_WAY * ANSWER_BYTES;
      if (most > bound + SLACK_BYTES) {
        throw new AssertionError(most + " bytes are held for one consumer, bound " + bound);
      }
      if (median(ratios) >= maxRatio) {
        throw new AssertionError("p99 of others moves by " + Arrays.toString(ratios));
      }
      return String.format(
          Locale.ROOT,
          "%d rounds of %d samples: p99 of another session %.2f ms before, %.2f ms during, median"
              + " ratio %.2f; %d KiB held for the consumer, bound %d KiB, of %d KiB that it asked"
              + " for",
          ROUNDS,
          samples,
          median(quiet),
          median(disturbed),
          median(ratios),
          most / 1024,
          bound / 1024,
          STREAMS * ANSWER_BYTES / 1024);
    }
  }

  private static void prepare(McpClient client) throws TimeoutException {
    await(client.load(ModelUpload.of(EXPANDING, "1", expanding())));
    long bytes = await(client.infer(EXPANDING, input())).first().byteLength();
    if (bytes != ANSWER_BYTES) {
      throw new AssertionError("the model answers with " + bytes + " bytes");
    }
  }

  /** A model that answers each number with a thousand. */
  private static byte[] expanding() {
    String weights = "[0]" + ",[0]".repeat(COLUMNS - 1);
    String bias = "0" + ",0".repeat(COLUMNS - 1);
    String layer = "{\"weights\":[" + weights + "],\"bias\":[" + bias + "]}";
    return ("{\"op\":\"mlp\",\"layers\":[" + layer + "]}").getBytes(StandardCharsets.UTF_8);
  }

  private static Tensor input() {
    return Tensor.of("input", new float[ROWS], ROWS, 1);
  }

  /** A consumer that takes none of the answers that it asks for. */
  private static RawPeer stuckConsumer(EchoNode node) throws IOException {
    RawPeer consumer = new RawPeer(node.port(), new Limits(0, 0, 0, 0, 0));
    consumer.startReading();
    byte[] request = Flood.request(EXPANDING, input(), 0);
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
