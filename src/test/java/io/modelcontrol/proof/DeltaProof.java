package io.modelcontrol.proof;

import com.github.luben.zstd.Zstd;
import io.modelcontrol.client.McpClient;
import io.modelcontrol.client.McpClientOptions;
import io.modelcontrol.client.ModelUpload;
import io.modelcontrol.runtime.ModelHostOptions;
import io.modelcontrol.server.McpServerOptions;
import io.modelcontrol.testing.CutProxy;
import io.modelcontrol.testing.TestNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Locale;
import java.util.StringJoiner;
import java.util.stream.Stream;

/**
 * How many bytes go over the line, of all that the client writes to its socket, when a second
 * version of a real network is pushed to a server that has the first: fine-tuned, quantized to
 * int8, and the same. As a delta and as a whole, each with zstd and without. The count is how many
 * of the pairs are measured.
 */
public final class DeltaProof implements Proof {
  private static final String MODEL = "kinds";
  private static final int PAIRS = 3;

  /** The last layer is 13.9 % of the file; its chunks reach over its ends. */
  private static final double MOST_FINE_TUNED = 0.17;

  /** Names, digests and the opening. */
  private static final int MOST_SAME_BYTES = 1024;

  /** What a delta that finds nothing costs: the list, a fifth of a percent. */
  private static final double MOST_LOST = 0.005;

  private static final int LEVEL = 3;

  @Override
  public String run(ProofArgs args) throws Exception {
    int pairs = Math.min(PAIRS, args.countOr(PAIRS));
    DeltaPairs versions = new DeltaPairs();
    StringJoiner figures = new StringJoiner("; ");
    figures.add(fineTuned(versions));
    if (pairs > 1) {
      figures.add(int8(versions));
    }
    if (pairs > 2) {
      figures.add(same(versions));
    }
    return figures.toString();
  }

  private static String fineTuned(DeltaPairs versions) throws Exception {
    Measured measured = Measured.of("fine-tuned", versions.base(), versions.fineTuned());
    check(measured.deltaPlain < MOST_FINE_TUNED * measured.size, measured.toString());
    check(measured.deltaZstd < measured.deltaPlain, "zstd makes the delta larger: " + measured);
    check(measured.wholePlain > measured.size, "less than the file: " + measured);
    return measured.toString();
  }

  /** Nothing of a float file is in its int8: the delta must not cost more than it is worth. */
  private static String int8(DeltaPairs versions) throws Exception {
    Measured measured = Measured.of("int8", versions.base(), versions.int8());
    check(
        measured.deltaPlain < measured.wholePlain + MOST_LOST * measured.size, measured.toString());
    return measured.toString();
  }

  private static String same(DeltaPairs versions) throws Exception {
    Measured measured = Measured.of("same", versions.base(), versions.base());
    check(measured.deltaPlain < MOST_SAME_BYTES, measured.toString());
    return measured.toString();
  }

  /** Bytes over the line for a second version. */
  private record Measured(
      String name,
      long size,
      long zstd,
      long deltaZstd,
      long deltaPlain,
      long wholeZstd,
      long wholePlain) {

    static Measured of(String name, byte[] first, byte[] second) throws Exception {
      return new Measured(
          name,
          second.length,
          Zstd.compress(second, LEVEL).length,
          push(first, second, true, true),
          push(first, second, true, false),
          push(first, second, false, true),
          push(first, second, false, false));
    }

    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "%s: %d bytes, delta %d (%.2f %%), delta without zstd %d (%.2f %%), whole %d (%.2f %%),"
              + " whole without zstd %d (%.2f %%), zstd of the file %.2f %%",
          name,
          size,
          deltaZstd,
          percent(deltaZstd),
          deltaPlain,
          percent(deltaPlain),
          wholeZstd,
          percent(wholeZstd),
          wholePlain,
          percent(wholePlain),
          percent(zstd));
    }

    private double percent(long bytes) {
      return 100.0 * bytes / size;
    }
  }

  /** What the client writes from the moment that it pushes the second version. */
  private static long push(byte[] first, byte[] second, boolean delta, boolean zstd)
      throws Exception {
    Path store = Files.createTempDirectory("delta");
    ModelHostOptions host = new ModelHostOptions().setStore(store.toString()).setWorkersPerModel(1);
    try (TestNode node = new TestNode(host, new McpServerOptions())) {
      TestNode.await(node.client().load(ModelUpload.of(MODEL, "1", first)));
      CutProxy network = new CutProxy(node.vertx(), node.port());
      McpClientOptions options =
          new McpClientOptions().setPort(TestNode.await(network.start())).setCompression(zstd);
      McpClient client = McpClient.create(node.vertx(), options);
      TestNode.await(client.connect());
      long before = network.bytesFromClients();
      TestNode.await(client.load(ModelUpload.of(MODEL, "2", second).delta(delta)));
      long bytes = network.bytesFromClients() - before;
      checkStored(store, second);
      TestNode.await(client.close());
      TestNode.await(network.close());
      return bytes;
    } finally {
      deleteAll(store);
    }
  }

  private static void checkStored(Path store, byte[] content) throws IOException {
    try (Stream<Path> blobs = Files.list(store.resolve("blobs"))) {
      boolean stored = false;
      for (Path blob : blobs.toList()) {
        stored |= Arrays.equals(Files.readAllBytes(blob), content);
      }
      check(stored, "the store does not have the second version");
    }
  }

  private static void deleteAll(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }

  private static void check(boolean condition, String text) {
    if (!condition) {
      throw new AssertionError(text);
    }
  }
}
