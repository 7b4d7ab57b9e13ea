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
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Real models of a few MB are loaded, run once and unloaded, so many times in turns: the resident
 * memory of the node's process afterwards is that of after the fiftieth time.
 */
public final class LoadUnloadProof implements Proof {
  private static final int DEFAULT_COUNT = 500;
  private static final int BASE_CYCLE = 50;
  private static final int WAIT_SECONDS = 60;

  /** Uncounted, at most, as many as are counted: the JVM loads its classes and compiles. */
  private static final int WARM_UP_CYCLES = 500;

  /** A figure is the median of so many cycles: what one of them has just freed is no growth. */
  private static final int WINDOW = 15;

  private static final double MIB = 1 << 20;

  private final double allowedGrowth;

  public LoadUnloadProof() {
    this(0.02);
  }

  /**
   * A proof.
   *
   * @param allowedGrowth of resident memory, as a share of that after the fiftieth cycle
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
    List<Long> resident = new ArrayList<>(count);
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
      for (int cycle = 0; cycle < Math.min(count, WARM_UP_CYCLES); cycle++) {
        cycle(client, models.get(cycle % models.size()));
      }
      long start = System.nanoTime();
      for (int cycle = 0; cycle < count; cycle++) {
        cycle(client, models.get(cycle % models.size()));
        resident.add(node.residentBytes());
      }
      double seconds = (System.nanoTime() - start) / 1e9;
      client.close().await(WAIT_SECONDS, TimeUnit.SECONDS);
      check(node.stop() == 0, "the node did not stop cleanly");
      return figures(resident, seconds);
    } finally {
      vertx.close().await(WAIT_SECONDS, TimeUnit.SECONDS);
      deleteAll(directory);
    }
  }

  private static List<OnnxCase> models() throws IOException {
    return List.of(OnnxCase.real("magika_v3_3"), OnnxCase.real("squeezenet_winml"));
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

  private String figures(List<Long> resident, double seconds) {
    int base = Math.min(BASE_CYCLE, resident.size() / 2);
    double before = median(resident, base) / MIB;
    double after = median(resident, resident.size()) / MIB;
    double growth = after / before - 1;
    String figures =
        String.format(
            Locale.ROOT,
            "%d cycles in %.0f s, resident memory %.1f MiB after %d and %.1f MiB after the last:"
                + " %+.2f %%",
            resident.size(),
            seconds,
            before,
            base,
            after,
            growth * 100);
    check(growth <= allowedGrowth, figures + ", allowed are " + allowedGrowth * 100 + " %");
    return figures;
  }

  /** Of the window of cycles that ends here. */
  private static double median(List<Long> resident, int end) {
    List<Long> window = resident.subList(Math.max(0, end - WINDOW), end).stream().sorted().toList();
    return window.get(window.size() / 2);
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
