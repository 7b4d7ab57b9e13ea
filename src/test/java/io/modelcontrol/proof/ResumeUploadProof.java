package io.modelcontrol.proof;

import io.modelcontrol.ModelDescriptor;
import io.modelcontrol.ModelState;
import io.modelcontrol.Tensor;
import io.modelcontrol.client.McpClient;
import io.modelcontrol.client.McpClientOptions;
import io.modelcontrol.client.ModelUpload;
import io.modelcontrol.client.UploadProgress;
import io.modelcontrol.testing.CutProxy;
import io.modelcontrol.testing.OnnxModels;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A large model is pushed over a line that is cut at random points, to a server that is killed
 * between two of them, by one call of a client that nobody helps: the model ends READY and answers,
 * and little more than its bytes has gone over the line.
 */
public final class ResumeUploadProof implements Proof {
  /** MiB of the model. */
  private static final int DEFAULT_COUNT = 256;

  private static final int CUTS = 20;
  private static final double MOST_SENT = 1.05;

  /** What a cut may cost where the file is small: less than what is under way at a time. */
  private static final int CUT_COST_BYTES = 1024 * 1024;

  private static final int COLUMNS = 1024;
  private static final int MIB = 1024 * 1024;
  private static final Duration LIMIT = Duration.ofMinutes(10);

  private volatile UploadProgress progress = new UploadProgress(0, 0, 0);
  private volatile long goneOnFrom = -1;
  private volatile boolean restarted;

  @Override
  public String run(ProofArgs args) throws Exception {
    int size = args.countOr(DEFAULT_COUNT) * MIB;
    Random random = new Random(args.seed());
    Path directory = Files.createTempDirectory("resume-upload");
    Vertx vertx = Vertx.vertx();
    try {
      byte[] table = table(random, size);
      Path file = write(directory.resolve("model.onnx"), table);
      return push(args, vertx, directory, file, random, table);
    } finally {
      vertx.close().await(10, TimeUnit.SECONDS);
      deleteAll(directory);
    }
  }

  private static byte[] table(Random random, int bytes) {
    byte[] table = new byte[bytes];
    ByteBuffer floats = ByteBuffer.wrap(table).order(ByteOrder.LITTLE_ENDIAN);
    while (floats.remaining() >= Float.BYTES) {
      floats.putFloat(random.nextFloat());
    }
    return table;
  }

  private static Path write(Path file, byte[] table) throws IOException {
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
      OnnxModels.table(table, COLUMNS).writeTo(out);
    }
    return file;
  }

  private String push(
      ProofArgs args, Vertx vertx, Path directory, Path file, Random random, byte[] table)
      throws Exception {
    String[] flags = {"--port", "0", "--store", directory.resolve("store").toString()};
    long size = Files.size(file);
    int cuts = size < 64 * MIB ? CUTS / 5 : CUTS;
    try (NodeProcess first = NodeProcess.serve(args.fatJar(), directory, flags)) {
      CutProxy network = new CutProxy(vertx, first.port());
      McpClientOptions options =
          new McpClientOptions()
              .setPort(network.start().await(10, TimeUnit.SECONDS))
              // The content counts as what it is.
              .setCompression(false);
      McpClient client = McpClient.create(vertx, options);
      client.connect().await(10, TimeUnit.SECONDS);
      long start = System.nanoTime();
      Future<ModelDescriptor> loaded =
          client.load(ModelUpload.of("table", "1", file).progressHandler(this::onProgress));
      long[] points = random.longs(cuts, 1, size).sorted().toArray();
      cut(network, loaded, Arrays.copyOf(points, cuts / 2));
      long killedAt = progress.receivedBytes();
      first.kill();
      try (NodeProcess second = NodeProcess.serve(args.fatJar(), directory, flags)) {
        restarted = true;
        network.target(second.port());
        cut(network, loaded, Arrays.copyOfRange(points, cuts / 2, cuts));
        ModelDescriptor model = loaded.await(LIMIT.toSeconds(), TimeUnit.SECONDS);
        double seconds = (System.nanoTime() - start) / 1e9;
        check(model.state() == ModelState.READY, "the model is " + model.state());
        check(network.cuts() == cuts, network.cuts() + " cuts");
        long sent = network.bytesFromClients();
        checkSent(sent, size, cuts);
        checkAnswer(client, table, random.nextInt(table.length / (COLUMNS * Float.BYTES)));
        check(goneOnFrom >= killedAt, "after the kill it went on from " + goneOnFrom);
        client.close().await(10, TimeUnit.SECONDS);
        network.close().await(10, TimeUnit.SECONDS);
        return String.format(
            Locale.ROOT,
            "%d bytes, %d cuts, one kill -9 at %d, gone on with from %d; %d bytes over the line,"
                + " %.4f times the file, %d of them content; READY after %.1f s, and it answers",
            size,
            cuts,
            killedAt,
            goneOnFrom,
            sent,
            (double) sent / size,
            progress.sentBytes(),
            seconds);
      }
    }
  }

  private void onProgress(UploadProgress now) {
    if (restarted && goneOnFrom < 0) {
      goneOnFrom = now.receivedBytes();
    }
    progress = now;
  }

  /** Cuts when so much has gone over the line. */
  private static void cut(CutProxy network, Future<?> loaded, long[] points) {
    for (long point : points) {
      int before = network.cuts();
      network.cutAfter(Math.max(1, point - network.bytesFromClients()));
      Waiting.until(() -> network.cuts() > before || loaded.isComplete(), "a cut", LIMIT);
      if (loaded.failed()) {
        throw new AssertionError("the upload failed", loaded.cause());
      }
    }
  }

  private static void checkSent(long sent, long size, int cuts) {
    double most = cuts == CUTS ? MOST_SENT * size : size + (cuts + 1.0) * CUT_COST_BYTES;
    check(sent < most, sent + " bytes were sent for a file of " + size);
    check(sent > size, sent + " bytes cannot be all of " + size);
  }

  private static void checkAnswer(McpClient client, byte[] table, int row) throws Exception {
    float[] answer =
        client
            .infer("table", Tensor.of("i", new long[] {row}))
            .await(60, TimeUnit.SECONDS)
            .first()
            .toFloats();
    float[] expected = new float[COLUMNS];
    ByteBuffer.wrap(table)
        .order(ByteOrder.LITTLE_ENDIAN)
        .asFloatBuffer()
        .position(row * COLUMNS)
        .get(expected);
    check(Arrays.equals(answer, expected), "row " + row + " is another one");
  }

  private static void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError(otherwise);
    }
  }

  private static void deleteAll(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
