package io.modelcontrol.proof;

import static io.modelcontrol.testing.TestNode.await;

import io.modelcontrol.Tensor;
import io.modelcontrol.client.McpClient;
import io.modelcontrol.client.ModelUpload;
import io.modelcontrol.runtime.ModelHostOptions;
import io.modelcontrol.server.McpServerOptions;
import io.modelcontrol.serving.ServingOptions;
import io.modelcontrol.testing.TestNode;
import io.netty.util.internal.PlatformDependent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** A node that serves the model that attackers and bystanders use. */
final class EchoNode implements AutoCloseable {
  private static final String ECHO = "{\"op\":\"identity\",\"dtype\":\"FLOAT\",\"shape\":[-1]}";

  /** The answers that are kept for a bystander would look like what an attacker leaves behind. */
  private static final int KEPT_ANSWERS = 64;

  private final Path store;
  private final TestNode node;
  private final int stallTimeoutMs;

  EchoNode(int stallTimeoutMs) throws IOException, TimeoutException {
    this.stallTimeoutMs = stallTimeoutMs;
    store = Files.createTempDirectory("echo");
    ModelHostOptions host =
        new ModelHostOptions().setStore(store.toString()).setMaxInFlightPerWorker(4096);
    McpServerOptions server = new McpServerOptions().setStallTimeoutMs(stallTimeoutMs);
    ServingOptions serving = new ServingOptions().setIdempotencyRecords(KEPT_ANSWERS);
    node = new TestNode(host, server, serving);
    byte[] content = ECHO.getBytes(StandardCharsets.UTF_8);
    await(node.client().load(ModelUpload.of(Flood.MODEL, "1", content)));
  }

  int port() {
    return node.port();
  }

  int stallTimeoutMs() {
    return stallTimeoutMs;
  }

  /** Sessions beside that of the node's own client. */
  int sessions() {
    return node.server().sessionCount() - 1;
  }

  McpClient client() throws TimeoutException {
    return node.client();
  }

  /** Bytes that the process holds, on the heap after a collection and in direct buffers. */
  static long usedBytes() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory() + PlatformDependent.usedDirectMemory();
  }

  @Override
  public void close() throws TimeoutException {
    node.close();
    try (Stream<Path> files = Files.walk(store)) {
      files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** A session that infers, one request after the other; any failure of it fails the proof. */
  static final class Bystander {
    private static final float[] INPUT = new float[16];

    private final McpClient client;
    private final AtomicInteger answered = new AtomicInteger();
    private final Thread thread;
    private volatile boolean stopped;
    private volatile Throwable failure;

    Bystander(McpClient client) {
      this.client = client;
      thread = new Thread(this::run, "bystander");
      thread.start();
    }

    private void run() {
      try {
        while (!stopped) {
          infer(client);
          answered.incrementAndGet();
        }
      } catch (TimeoutException | RuntimeException e) {
        failure = e;
      }
    }

    /** Nanoseconds that one request takes. */
    static long infer(McpClient client) throws TimeoutException {
      long start = System.nanoTime();
      await(client.infer(Flood.MODEL, Tensor.of("input", INPUT, INPUT.length)));
      return System.nanoTime() - start;
    }

    void end() throws InterruptedException {
      stopped = true;
      thread.join();
    }

    /** Ends it; returns how many answers it had. */
    int stop() throws InterruptedException {
      end();
      if (failure != null) {
        throw new AssertionError("a well-behaved session failed", failure);
      }
      return answered.get();
    }
  }

  /** The value below which so many of a hundred lie. */
  static double percentile(long[] nanos, double percent) {
    long[] sorted = nanos.clone();
    Arrays.sort(sorted);
    return sorted[(int) Math.min(sorted.length - 1, sorted.length * percent / 100)] / 1e6;
  }
}
