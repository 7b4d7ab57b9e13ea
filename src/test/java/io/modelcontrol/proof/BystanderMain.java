package io.modelcontrol.proof;

import static io.modelcontrol.testing.TestNode.await;

import io.modelcontrol.Tensor;
import io.modelcontrol.client.McpClient;
import io.modelcontrol.proof.Bystanders.Fared;
import io.modelcontrol.proof.Bystanders.Time;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/**
 * The process of {@link Bystanders}: arguments are the port of the node and the models, commands
 * come line by line.
 */
public final class BystanderMain {
  static final String PAUSE = "pause";
  static final String REPORT = "report";

  /** The last line of an answer. */
  static final String DONE = "done";

  private BystanderMain() {}

  public static void main(String[] args) throws Exception {
    Vertx vertx =
        Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1).setPreferNativeTransport(true));
    List<Bystander> bystanders = new ArrayList<>();
    for (int i = 1; i < args.length; i++) {
      McpClient client = NodeProcess.client(vertx, Integer.parseInt(args[0]));
      bystanders.add(new Bystander(client, args[i]));
    }
    System.out.println(DONE);
    try (BufferedReader commands =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      String command;
      while ((command = commands.readLine()) != null) {
        obey(command, bystanders);
        System.out.println(DONE);
      }
    }
    Runtime.getRuntime().halt(0);
  }

  private static void obey(String command, List<Bystander> bystanders) throws InterruptedException {
    switch (command) {
      case PAUSE -> {
        for (Bystander bystander : bystanders) {
          bystander.pause();
        }
      }
      case REPORT -> bystanders.forEach(each -> System.out.println(each.fared().line()));
      default -> bystanders.forEach(each -> each.ask(Time.valueOf(command)));
    }
  }

  /** A million of them and more, in as little memory as can be: a collection is a pause. */
  private static final class Samples {
    private static final int FIRST = 1 << 16;

    private long[] values = new long[FIRST];
    private int count;

    void add(long value) {
      if (count == values.length) {
        values = Arrays.copyOf(values, 2 * count);
      }
      values[count++] = value;
    }

    long[] all() {
      return Arrays.copyOf(values, count);
    }
  }

  /** Somebody else's session, which asks every few milliseconds. */
  private static final class Bystander {
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    private final Map<Time, Samples> nanos = new EnumMap<>(Time.class);
    private final McpClient client;
    private final String model;
    private Thread thread;
    private volatile boolean paused;

    Bystander(McpClient client, String model) {
      this.client = client;
      this.model = model;
    }

    void ask(Time time) {
      paused = false;
      Samples taken = nanos.computeIfAbsent(time, t -> new Samples());
      thread = new Thread(() -> ask(taken), "bystander");
      thread.start();
    }

    private void ask(Samples taken) {
      Tensor a = Tensor.of("a", new float[] {1});
      Tensor b = Tensor.of("b", new float[] {2});
      try {
        while (!paused) {
          long start = System.nanoTime();
          await(client.infer(model, a, b));
          taken.add(System.nanoTime() - start);
          LockSupport.parkNanos(PAUSE_NANOS);
        }
      } catch (TimeoutException | RuntimeException e) {
        System.out.println("a request of a bystander failed: " + e);
        Runtime.getRuntime().halt(1);
      }
    }

    void pause() throws InterruptedException {
      paused = true;
      thread.join();
    }

    Fared fared() {
      return new Fared(
          model, count(Time.QUIET), p99(Time.QUIET), count(Time.DISTURBED), p99(Time.DISTURBED));
    }

    private int count(Time time) {
      return nanos.get(time).count;
    }

    private double p99(Time time) {
      return EchoNode.percentile(nanos.get(time).all(), 99);
    }
  }
}
