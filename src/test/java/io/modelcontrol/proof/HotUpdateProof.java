package io.modelcontrol.proof;

import static io.modelcontrol.testing.TestNode.await;

import io.modelcontrol.client.McpClient;
import io.modelcontrol.client.ModelUpdate;
import io.vertx.core.Vertx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/**
 * A real model of a node of its own is updated again and again, to and fro between two versions,
 * while single requests come at a constant rate and sequences are open. Nothing fails, no sequence
 * sees two versions, quiet and updating rounds alternate and are equally fast, and the node's
 * resident memory stays.
 */
public final class HotUpdateProof implements Proof {
  private static final String MODEL = "speech";
  private static final int DEFAULT_UPDATES = 1_000;
  private static final int UPDATES_PER_ROUND = 25;

  /**
   * Before anything is counted, and as they come afterwards: a JVM compiles the code of updates,
   * and of the requests between them, when they have run often enough, which takes time and memory
   * that updates do not take.
   */
  private static final int WARM_UP_UPDATES = 500;

  /** Resident memory is compared with that after so many updates. */
  private static final int SETTLED = 50;

  private static final double MAX_MEMORY_RATIO = 1.02;
  private static final double MAX_LATENCY_RATIO = 1.3;

  /** From the end of an update to the next. */
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private static final long QUIET_NANOS = TimeUnit.SECONDS.toNanos(4);

  private final double maxLatencyRatio;
  private final double maxMemoryRatio;
  private int version = 1;
  private long settledKib;

  public HotUpdateProof() {
    this(MAX_LATENCY_RATIO, MAX_MEMORY_RATIO);
  }

  /** More where the samples are too few to judge by. */
  HotUpdateProof(double maxLatencyRatio, double maxMemoryRatio) {
    this.maxLatencyRatio = maxLatencyRatio;
    this.maxMemoryRatio = maxMemoryRatio;
  }

  @Override
  public String run(ProofArgs args) throws Exception {
    int updates = args.countOr(DEFAULT_UPDATES);
    Path folder = Files.createTempDirectory("updates");
    Vertx vertx = Vertx.vertx();
    try (NodeProcess node =
        NodeProcess.serveUnder(
            List.of(),
            NodeProcess.FIXED_HEAP,
            args.fatJar(),
            folder,
            "--port",
            "0",
            "--store",
            "models")) {
      TwoVersions versions = new TwoVersions();
      McpClient control = node.client(vertx);
      await(control.load(versions.upload(MODEL, version)));
      UpdateLoad load = new UpdateLoad(node.client(vertx), MODEL, args.seed());
      load.start();
      for (int i = 0; i < Math.min(WARM_UP_UPDATES, updates); i++) {
        update(control, versions);
        LockSupport.parkNanos(PAUSE_NANOS);
      }
      List<Long> before = new ArrayList<>();
      List<Long> during = new ArrayList<>();
      for (int done = 0; done < updates; done += UPDATES_PER_ROUND) {
        load.measure(before);
        quiet();
        load.measure(during);
        for (int i = 0; i < Math.min(UPDATES_PER_ROUND, updates - done); i++) {
          update(control, versions);
          LockSupport.parkNanos(PAUSE_NANOS);
        }
        load.measure(load.unmeasured());
        if (done + UPDATES_PER_ROUND == Math.min(SETTLED, updates)) {
          settledKib = residentKib(node, control);
        }
      }
      long lastKib = residentKib(node, control);
      load.stop();
      return judged(updates, load, before, during, lastKib);
    } finally {
      await(vertx.close());
    }
  }

  /**
   * Between updates, under the load, with one version in memory: those before it are used for up to
   * a second by their streams.
   */
  private static long residentKib(NodeProcess node, McpClient control) throws Exception {
    Waiting.until(() -> versions(control) == 1, "the versions before to go");
    LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(NodeProcess.REST_SECONDS));
    return node.residentBytes() / 1024;
  }

  private static int versions(McpClient control) {
    try {
      return await(control.list(MODEL)).size();
    } catch (TimeoutException e) {
      throw new AssertionError("the node does not answer", e);
    }
  }

  private static void quiet() {
    LockSupport.parkNanos(QUIET_NANOS);
  }

  private void update(McpClient control, TwoVersions versions) throws Exception {
    version++;
    await(control.update(ModelUpdate.of(versions.upload(MODEL, version))));
  }

  private String judged(
      int updates, UpdateLoad load, List<Long> before, List<Long> during, long lastKib) {
    double p99Before = p99(before);
    double p99During = p99(during);
    double memory = (double) lastKib / settledKib;
    String figures =
        String.format(
            Locale.ROOT,
            "%d updates, %s, p99 %.2f ms of %d before, %.2f ms of %d during, ratio %.2f;"
                + " resident %d KiB after the %dth, %d KiB after the last, ratio %.3f",
            updates,
            load.figures(),
            p99Before,
            before.size(),
            p99During,
            during.size(),
            p99During / p99Before,
            settledKib,
            Math.min(SETTLED, updates),
            lastKib,
            memory);
    if (p99During / p99Before > maxLatencyRatio || memory > maxMemoryRatio) {
      throw new AssertionError(figures);
    }
    return figures;
  }

  private static double p99(List<Long> nanos) {
    return EchoNode.percentile(nanos.stream().mapToLong(Long::longValue).toArray(), 99);
  }
}
