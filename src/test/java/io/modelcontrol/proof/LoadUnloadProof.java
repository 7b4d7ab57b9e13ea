package io.modelcontrol.proof;

import io.modelcontrol.Tensor;
import io.modelcontrol.client.InferenceRequest;
import io.modelcontrol.client.McpClient;
import io.modelcontrol.client.McpClientOptions;
import io.modelcontrol.client.ModelUpload;
import io.modelcontrol.testing.OnnxCase;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/**
 * Real models of a few MB are loaded, run once and unloaded, so many times in turns: at rest the
 * process of the node takes as much of the machine's memory afterwards as before. Its Java heap is
 * of a fixed size there; what is reachable in it grows by what is recorded of the answers only.
 */
public final class LoadUnloadProof implements Proof {
  private static final int DEFAULT_COUNT = 500;
  private static final int WAIT_SECONDS = 60;

  /**
   * Uncounted, at most, twice as many as are counted: the JVM loads its classes and compiles. What
   * runs a few times in each cycle is compiled for good after some thousand runs.
   */
  private static final int WARM_UP_CYCLES = 1_000;

  /** At rest, memory stands still but for this: the JVM's own threads go on. */
  private static final long STANDSTILL_BYTES = 256 * 1024;

  private static final long REST_WAIT_SECONDS = 120;
  private static final double MIB = 1 << 20;

  /** Of Java's heap for each cycle: an answer of 4 KB that is recorded, and what names it. */
  private static final long RECORDED_BYTES = 8 * 1024;

  private final double allowedGrowth;

  public LoadUnloadProof() {
    this(0.02);
  }

  /**
   * A proof.
   *
   * @param allowedGrowth of resident memory, as a share of that before the first counted cycle
   */
  LoadUnloadProof(double allowedGrowth) {
    this.allowedGrowth = allowedGrowth;
  }

  @Override
  public String run(ProofArgs args) throws Exception {
    int count = args.countOr(DEFAULT_COUNT);
    List<OnnxCase> models = models();
    Path directory = Files.createTempDirectory("load-unload");
    Vertx vertx = Vertx.vertx();
    try (NodeProcess node =
        NodeProcess.serveUnder(
            List.of(),
            NodeProcess.FIXED_HEAP,
            args.fatJar(),
            directory,
            "--port",
            "0",
            "--store",
            "store")) {
      McpClient client = McpClient.create(vertx, new McpClientOptions().setPort(node.port()));
      client.connect().await(WAIT_SECONDS, TimeUnit.SECONDS);
      run(client, models, Math.min(2 * count, WARM_UP_CYCLES));
      long heapBefore = node.liveHeapBytes();
      long before = residentAtRest(node);
      long start = System.nanoTime();
      run(client, models, count);
      double seconds = (System.nanoTime() - start) / 1e9;
      long heapGrowth = (node.liveHeapBytes() - heapBefore) / count;
      long after = residentAtRest(node);
      client.close().await(WAIT_SECONDS, TimeUnit.SECONDS);
      check(node.stop() == 0, "the node did not stop cleanly");
      check(heapGrowth <= RECORDED_BYTES, heapGrowth + " bytes of Java's heap stay of each cycle");
      return figures(count, seconds, before / MIB, after / MIB)
          + ", "
          + heapGrowth
          + " bytes of Java's heap a cycle";
    } finally {
      vertx.close().await(WAIT_SECONDS, TimeUnit.SECONDS);
      deleteAll(directory);
    }
  }

  private static List<OnnxCase> models() throws IOException {
    return List.of(OnnxCase.real("magika_v3_3"), OnnxCase.real("squeezenet_winml"));
  }

  private static void run(McpClient client, List<OnnxCase> models, int cycles) throws Exception {
    for (int cycle = 0; cycle < cycles; cycle++) {
      cycle(client, models.get(cycle % models.size()));
    }
  }

  private static void cycle(McpClient client, OnnxCase model) throws Exception {
    client
        .load(ModelUpload.of(model.name(), "1", model.model()))
        .await(WAIT_SECONDS, TimeUnit.SECONDS);
    InferenceRequest request =
        InferenceRequest.of(model.name(), model.inputs(0).toArray(new Tensor[0]));
    model.tensorOutputs().forEach(request::output);
    List<Tensor> outputs = client.infer(request).await(WAIT_SECONDS, TimeUnit.SECONDS).tensors();
    check(model.difference(0, outputs).isEmpty(), "wrong outputs of " + model.name());
    client.unload(model.name(), "1").await(WAIT_SECONDS, TimeUnit.SECONDS);
  }

  /** Once nothing is done any more, and what was in use for a moment is given back. */
  private static long residentAtRest(NodeProcess node) {
    Deque<Long> latest = new ArrayDeque<>();
    Awaitility.await()
        .atMost(REST_WAIT_SECONDS, TimeUnit.SECONDS)
        .pollInterval(1, TimeUnit.SECONDS)
        .until(
            () -> {
              latest.addLast(node.residentBytes());
              if (latest.size() <= NodeProcess.REST_SECONDS) {
                return false;
              }
              long changed = Collections.max(latest) - Collections.min(latest);
              latest.removeFirst();
              return changed <= STANDSTILL_BYTES;
            });
    return latest.getLast();
  }

  private String figures(int cycles, double seconds, double beforeMib, double afterMib) {
    double growth = afterMib / beforeMib - 1;
    String figures =
        String.format(
            Locale.ROOT,
            "%d cycles in %.0f s, resident memory at rest %.1f MiB before and %.1f MiB after:"
                + " %+.2f %%",
            cycles,
            seconds,
            beforeMib,
            afterMib,
            growth * 100);
    check(growth <= allowedGrowth, figures + ", allowed are " + allowedGrowth * 100 + " %");
    return figures;
  }

  private static void deleteAll(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }

  private static void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError(otherwise);
    }
  }
}
