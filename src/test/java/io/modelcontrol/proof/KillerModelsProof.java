package io.modelcontrol.proof;

import static io.modelcontrol.testing.TestNode.await;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.Tensor;
import io.modelcontrol.client.InferenceRequest;
import io.modelcontrol.client.McpClient;
import io.modelcontrol.client.ModelUpload;
import io.modelcontrol.isolation.KillerRuntime;
import io.modelcontrol.isolation.KillerRuntime.Deed;
import io.modelcontrol.proof.Bystanders.Fared;
import io.modelcontrol.proof.Bystanders.Time;
import io.modelcontrol.runtime.Background;
import io.modelcontrol.runtime.QuietProcessor;
import io.modelcontrol.testing.OnnxModels;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/**
 * Models that end their process in every way there is, one after the other at the pace that the
 * node has for those it does not trust, each with content of its own, on a node of its own. The
 * node lives, each request has a typed error, each process is replaced, and the sessions of others
 * are as fast as before: quiet and disturbed rounds alternate.
 */
public final class KillerModelsProof implements Proof {
  private static final int DEFAULT_KILLERS = 1_000;
  private static final int KILLERS_PER_ROUND = 20;

  /**
   * Before anything is counted, and as they come afterwards: JVMs compile the code of loads and of
   * ends, and of the requests between them, when they have run often enough, which takes time that
   * killers do not take.
   */
  private static final int WARM_UP_KILLERS = 100;

  private static final double MAX_RATIO = 1.5;
  private static final double MAX_REPLACED_MS = 2_000;
  private static final int FEW_SAMPLES = 100;
  private static final long QUIET_NANOS = TimeUnit.SECONDS.toNanos(4);
  private static final int DEADLINE_MS = 200;

  private static final String UNTRUSTED =
      "{\"serving\": {\"trustedRoles\": []}, \"models\": {\"processMemoryBytes\": 805306368,"
          + " \"activationTimeoutMs\": 10000}}";

  /** How a model is a danger, and what its caller is told. */
  private enum Killer {
    CRASH(Deed.CRASH, ErrorCode.RUNTIME_FAILURE),
    EXIT(Deed.EXIT, ErrorCode.RUNTIME_FAILURE),
    FILL_HEAP(Deed.FILL_HEAP, ErrorCode.RUNTIME_FAILURE),
    FILL_MEMORY(Deed.FILL_MEMORY, ErrorCode.RUNTIME_FAILURE),
    NEVER_END(Deed.NEVER_END, ErrorCode.DEADLINE_EXCEEDED),
    ONNX_FOUR_GIBIBYTES(null, ErrorCode.RUNTIME_FAILURE),
    ONNX_ENDLESS_LOOP(null, ErrorCode.DEADLINE_EXCEEDED);

    final Deed deedOrNull;
    final ErrorCode outcome;

    Killer(Deed deedOrNull, ErrorCode outcome) {
      this.deedOrNull = deedOrNull;
      this.outcome = outcome;
    }

    byte[] content(int number) {
      if (deedOrNull != null) {
        return KillerRuntime.model(name() + number);
      }
      byte[] model = this == ONNX_ENDLESS_LOOP ? OnnxModels.loop() : OnnxModels.manyZeros();
      // ModelProto.doc_string, so that no two contents are the same.
      byte[] text = Integer.toString(number).getBytes(StandardCharsets.US_ASCII);
      byte[] content = Arrays.copyOf(model, model.length + 2 + text.length);
      content[model.length] = (6 << 3) | 2;
      content[model.length + 1] = (byte) text.length;
      System.arraycopy(text, 0, content, model.length + 2, text.length);
      return content;
    }

    /** The request that kills, or one that does not. */
    InferenceRequest request(String model, boolean deadly) {
      return switch (this) {
        case ONNX_FOUR_GIBIBYTES ->
            InferenceRequest.of(model, Tensor.of("n", new long[] {deadly ? 1L << 30 : 1}));
        case ONNX_ENDLESS_LOOP ->
            InferenceRequest.of(
                model,
                Tensor.of("x", new float[] {0}),
                Tensor.of("turns", new long[] {deadly ? Long.MAX_VALUE : 1}));
        default ->
            InferenceRequest.of(model, KillerRuntime.input(deadly ? deedOrNull : Deed.NOTHING));
      };
    }
  }

  private final double maxRatio;
  private final boolean aside;
  private final List<Double> replacedMs = new ArrayList<>();

  /** To be run by a JVM that does nothing else afterwards. */
  public KillerModelsProof() {
    this(MAX_RATIO, true);
  }

  /**
   * A proof.
   *
   * @param maxRatio more where the samples are too few to judge by
   * @param aside whether this JVM stands aside once the node and the bystanders have started, for
   *     ever
   */
  KillerModelsProof(double maxRatio, boolean aside) {
    this.maxRatio = maxRatio;
    this.aside = aside;
  }

  @Override
  public String run(ProofArgs args) throws Exception {
    int killers = args.countOr(DEFAULT_KILLERS);
    Path folder = Files.createTempDirectory("killers");
    Vertx vertx = Vertx.vertx();
    Path jar = KillerRuntime.jar(folder.resolve("killer.jar"));
    prepare(args.fatJar(), vertx, folder);
    Path config = Files.writeString(folder.resolve("config.json"), UNTRUSTED);
    try (NodeProcess node =
        NodeProcess.serveWith(
            jar,
            args.fatJar(),
            folder,
            "--port",
            "0",
            "--store",
            "models",
            "--config",
            config.toString())) {
      McpClient client = node.client(vertx);
      await(client.load(ModelUpload.of("apart", "1", OnnxModels.add(1))));
      List<Fared> fared = disturbed(killers, client, node.port());
      await(client.unload("apart"));
      Waiting.until(() -> node.children() == 0, "the last process to end");
      return judged(killers, fared);
    } finally {
      await(vertx.close());
    }
  }

  private List<Fared> disturbed(int killers, McpClient client, int port)
      throws IOException, TimeoutException {
    try (Bystanders bystanders = Bystanders.of(port, "within", "apart")) {
      if (aside) {
        standAside();
      }
      quiet(bystanders, Time.UNCOUNTED);
      int uncounted = killers < WARM_UP_KILLERS ? 0 : WARM_UP_KILLERS;
      rounds(client, bystanders, 0, uncounted, false);
      rounds(client, bystanders, uncounted, uncounted + killers, true);
      return bystanders.fared();
    }
  }

  /**
   * Whoever sends killers does not share the node's machine: what that takes here is kept to the
   * processor of the node's own loads, and to what others leave there, if the system can do so.
   */
  private static void standAside() {
    long pid = ProcessHandle.current().pid();
    QuietProcessor.next().keepProcess(pid);
    Background.ask("chrt", "-a", "-i", "-p", "0", Long.toString(pid));
  }

  private void rounds(McpClient client, Bystanders bystanders, int first, int end, boolean counted)
      throws IOException, TimeoutException {
    for (int done = first; done < end; done += KILLERS_PER_ROUND) {
      quiet(bystanders, counted ? Time.QUIET : Time.UNCOUNTED);
      bystanders.ask(counted ? Time.DISTURBED : Time.UNCOUNTED);
      List<Double> times = counted ? replacedMs : new ArrayList<>();
      for (int number = done; number < Math.min(end, done + KILLERS_PER_ROUND); number++) {
        kill(client, number, times);
      }
      bystanders.pause();
    }
  }

  /** A model that is trusted, from a node that trusted everybody. */
  private static void prepare(Path fatJar, Vertx vertx, Path folder) throws Exception {
    try (NodeProcess node = NodeProcess.serve(fatJar, folder, "--port", "0", "--store", "models")) {
      McpClient client = node.client(vertx);
      await(client.load(ModelUpload.of("within", "1", OnnxModels.add(1))));
      await(client.close());
      node.stop();
    }
  }

  private static void kill(McpClient client, int number, List<Double> replacedMs)
      throws TimeoutException {
    Killer killer = Killer.values()[number % Killer.values().length];
    String name = "killer-" + number;
    await(client.load(ModelUpload.of(name, "1", killer.content(number))));
    ErrorCode outcome =
        code(client.infer(killer.request(name, true).timeoutMs(deadlineMs(killer))));
    if (outcome != killer.outcome) {
      throw new AssertionError(killer + " " + number + " ended with " + outcome);
    }
    long start = System.nanoTime();
    Waiting.until(
        () -> code(client.infer(killer.request(name, false))) == ErrorCode.OK,
        "another process for " + killer);
    if (killer.deedOrNull != null) {
      replacedMs.add((System.nanoTime() - start) / 1e6);
    }
    await(client.unload(name));
  }

  private static int deadlineMs(Killer killer) {
    return killer.outcome == ErrorCode.DEADLINE_EXCEEDED ? DEADLINE_MS : 30_000;
  }

  private static ErrorCode code(Future<?> answer) throws TimeoutException {
    return await(answer.map(ErrorCode.OK).otherwise(failure -> McpException.of(failure).code()));
  }

  private static void quiet(Bystanders bystanders, Time time) throws IOException {
    bystanders.ask(time);
    LockSupport.parkNanos(QUIET_NANOS);
    bystanders.pause();
  }

  private String judged(int killers, List<Fared> bystanders) {
    double[] sorted = replacedMs.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    StringBuilder figures = new StringBuilder();
    figures.append(
        String.format(
            Locale.ROOT,
            "%d killers of %d kinds, the node lives; processes replaced after %.0f ms (median),"
                + " %.0f ms (p99), %.0f ms (slowest)",
            killers,
            Killer.values().length,
            sorted[sorted.length / 2],
            sorted[sorted.length * 99 / 100],
            sorted[sorted.length - 1]));
    figures.append("; ").append(bystanders.get(0).figures("within the node"));
    figures.append("; ").append(bystanders.get(1).figures("in a process of its own"));
    // Of a few samples the 99th percentile is the slowest, which is the machine's and not ours.
    double replaced = sorted[sorted.length * (sorted.length < FEW_SAMPLES ? 50 : 99) / 100];
    if (replaced > MAX_REPLACED_MS
        || bystanders.stream().anyMatch(bystander -> bystander.ratio() >= maxRatio)) {
      throw new AssertionError(figures);
    }
    return figures.toString();
  }
}
