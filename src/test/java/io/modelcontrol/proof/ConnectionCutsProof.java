package io.modelcontrol.proof;

import io.modelcontrol.client.McpClient;
import io.modelcontrol.client.McpClientOptions;
import io.modelcontrol.client.ModelUpload;
import io.modelcontrol.runtime.ModelHost;
import io.modelcontrol.runtime.ModelHostOptions;
import io.modelcontrol.server.McpServer;
import io.modelcontrol.server.McpServerOptions;
import io.modelcontrol.server.McpServerRequest;
import io.modelcontrol.serving.ModelService;
import io.modelcontrol.serving.ServingOptions;
import io.modelcontrol.session.transport.McpStream;
import io.modelcontrol.testing.CutProxy;
import io.modelcontrol.wire.Message;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Clients under load, the network between them and the server cut again and again: at any moment,
 * at any byte, while a session is being resumed, and without a word. No answer is lost, none comes
 * twice, no request is executed twice, and no session is lost.
 */
public final class ConnectionCutsProof implements Proof {
  static final int ECHO = 0x80;
  static final String MODEL = "counting";

  private static final int DEFAULT_COUNT = 1_000;
  private static final int CLIENTS = 4;

  /** One step of so many leaves the connections open, and lets nothing pass. */
  private static final int SILENCE_SHARE = 100;

  /** One step of so many does not wait until something has come through. */
  private static final int HASTY_SHARE = 5;

  private static final int KEEPALIVE_MS = 250;
  private static final int LONGEST_PEACE_MS = 25;

  /** Cuts in the middle of work, in the middle of what is sent again, and in a handshake. */
  private static final int[] BYTES_UNTIL_CUT = {1_000_000, 1_000_000, 30_000, 600};

  private static final Duration STEP_LIMIT = Duration.ofSeconds(60);

  /** Ready sessions that the server has seen. */
  private final AtomicInteger sessions = new AtomicInteger();

  @Override
  public String run(ProofArgs args) throws Exception {
    int count = args.countOr(DEFAULT_COUNT);
    Path directory = Files.createTempDirectory("connection-cuts");
    String counter = Long.toString(args.seed());
    Vertx vertx = Vertx.vertx();
    try {
      Node node = new Node(directory);
      await(vertx.deployVerticle(node));
      load(vertx, node.server.actualPort(), counter);
      sessions.set(0);
      CutProxy network = new CutProxy(vertx, node.server.actualPort());
      Totals totals = new Totals();
      List<CutsLoad> loads = begin(vertx, await(network.start()), args.seed(), totals);
      long start = System.nanoTime();
      int silences = cut(network, new Random(args.seed()), count, totals);
      double seconds = (System.nanoTime() - start) / 1e9;
      loads.forEach(CutsLoad::finish);
      for (CutsLoad load : loads) {
        await(load.done());
      }
      totals.check();
      check(sessions.get() == CLIENTS, sessions.get() + " sessions were opened by 4 clients");
      check(node.server.sessionCount() == CLIENTS, "not every session is still there");
      int executions = executions(CountingRuntime.take(counter), totals.asked.get());
      for (CutsLoad load : loads) {
        await(load.client().close());
      }
      Waiting.until(() -> node.server.sessionCount() == 0, "sessions to end");
      await(network.close());
      return String.format(
          Locale.ROOT,
          "%d cuts in %.1f s, %d of them silent, over %d connections of %d sessions; %d requests,"
              + " %d executions; %d messages echoed on %d streams; 0 lost, 0 twice, 0 sessions lost;"
              + " the slowest answer took %d ms",
          network.cuts() + silences,
          seconds,
          silences,
          network.connections(),
          CLIENTS,
          totals.asked.get(),
          executions,
          totals.echoed.get(),
          totals.streams.get(),
          totals.slowestMs.get());
    } finally {
      await(vertx.close());
      deleteAll(directory);
    }
  }

  private static void load(Vertx vertx, int port, String counter) throws Exception {
    McpClient client = McpClient.create(vertx, new McpClientOptions().setPort(port));
    await(client.connect());
    await(client.load(ModelUpload.of(MODEL, "1", CountingRuntime.model(counter))));
    await(client.close());
  }

  private static List<CutsLoad> begin(Vertx vertx, int port, long seed, Totals totals)
      throws Exception {
    List<CutsLoad> loads = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      McpClientOptions options = new McpClientOptions().setPort(port).setKeepaliveMs(KEEPALIVE_MS);
      CutsLoad load = new CutsLoad(options, seed + i, totals);
      await(vertx.deployVerticle(load));
      loads.add(load);
    }
    return loads;
  }

  /** Cuts until it was done so often; gives how many of the cuts were silent. */
  private static int cut(CutProxy network, Random random, int count, Totals totals) {
    int silences = 0;
    while (network.cuts() + silences < count) {
      totals.check();
      if (random.nextInt(HASTY_SHARE) > 0) {
        long done = totals.done();
        Waiting.until(() -> totals.done() > done || totals.hasFailed(), "progress", STEP_LIMIT);
      }
      peace(random.nextInt(LONGEST_PEACE_MS));
      if (random.nextInt(SILENCE_SHARE) == 0) {
        int before = network.connections();
        network.silence();
        Waiting.until(
            () -> network.connections() >= before + CLIENTS || totals.hasFailed(),
            "silent connections to be replaced",
            STEP_LIMIT);
        silences++;
        continue;
      }
      int before = network.cuts();
      if (random.nextInt(5) < 2) {
        network.cut();
      } else {
        int most = BYTES_UNTIL_CUT[random.nextInt(BYTES_UNTIL_CUT.length)];
        network.cutAfter(random.nextInt(most));
      }
      Waiting.until(
          () -> network.cuts() > before || totals.hasFailed(), "the next cut", STEP_LIMIT);
    }
    return silences;
  }

  private static void peace(int ms) {
    long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(ms);
    Waiting.until(() -> System.nanoTime() - until >= 0, "the next moment");
  }

  private static int executions(Map<Long, AtomicInteger> runs, long asked) {
    check(runs.size() == asked, asked + " requests, " + runs.size() + " of them executed");
    runs.forEach(
        (number, times) ->
            check(times.get() == 1, "request " + number + " was executed " + times + " times"));
    return runs.values().stream().mapToInt(AtomicInteger::get).sum();
  }

  /** A server with a model host below, and an echo that its readers can slow down. */
  private final class Node extends VerticleBase {
    private final ModelHostOptions options;
    private ModelHost host;
    private McpServer server;

    Node(Path directory) {
      options = new ModelHostOptions().setStore(directory.resolve("store").toString());
    }

    @Override
    public Future<?> start() {
      host = new ModelHost(vertx, options);
      server = McpServer.create(vertx, new McpServerOptions().setPort(0));
      ModelService.create(vertx, new ServingOptions()).mount(server);
      server.requestHandler(ECHO, Node::echo);
      server.sessionHandler(session -> sessions.incrementAndGet());
      return host.start().compose(v -> server.listen());
    }

    private static void echo(McpServerRequest request) {
      McpStream stream = request.stream();
      stream.endHandler(v -> stream.end());
      stream.handler(message -> answer(stream, message));
      answer(stream, request.message());
    }

    private static void answer(McpStream stream, Message message) {
      stream.write(message);
      if (stream.writeQueueFull()) {
        stream.pause();
        stream.drainHandler(v -> stream.resume());
      }
    }

    @Override
    public Future<?> stop() {
      return host.stop();
    }
  }

  /** What all clients have seen. */
  static final class Totals {
    final AtomicInteger asked = new AtomicInteger();
    final AtomicInteger answered = new AtomicInteger();
    final AtomicInteger echoed = new AtomicInteger();
    final AtomicInteger streams = new AtomicInteger();
    final AtomicInteger slowestMs = new AtomicInteger();
    private final Map<String, Throwable> failures = new ConcurrentHashMap<>();

    /** What has come through so far. */
    long done() {
      return (long) answered.get() + echoed.get();
    }

    void fail(String what, Throwable why) {
      failures.putIfAbsent(what, why);
    }

    boolean hasFailed() {
      return !failures.isEmpty();
    }

    void check() {
      failures.forEach(
          (what, why) -> {
            throw new AssertionError(what + ": " + why + "; failures: " + failures.keySet(), why);
          });
    }
  }

  private static void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError(otherwise);
    }
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.await(60, TimeUnit.SECONDS);
  }

  private static void deleteAll(Path directory) throws IOException {
    try (var files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
