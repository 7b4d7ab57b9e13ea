package io.modelcontrol.bench.bus;

import io.modelcontrol.bench.echo.Echo;
import io.modelcontrol.bench.echo.Load;
import io.modelcontrol.bench.report.Contender;
import io.modelcontrol.bench.report.Plan;
import io.modelcontrol.cluster.ClusterOptions;
import io.modelcontrol.cluster.Clustering;
import io.modelcontrol.runtime.ModelHostOptions;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Compares hand-overs: by reference, by copy, to a worker, and to another node. */
public final class BusSuite {
  private static final int[] SIZES = {64, 602_112};
  private static final int[] CLUSTER_SIZES = {64, 65_536, 602_112};
  private static final int IN_FLIGHT = 64;
  private static final long FIRST_WARM_MILLIS = 2_000;
  private static final long WARM_MILLIS = 300;

  /** Opens a way there and back. */
  @FunctionalInterface
  private interface Opener {
    Echo open() throws Exception;
  }

  private BusSuite() {}

  public static void run(Plan plan) throws Exception {
    Vertx vertx = Vertx.vertx();
    for (int size : SIZES) {
      betweenLoops(plan, vertx, size);
      toWorker(plan, vertx, size);
    }
    Hop.await(vertx.close());
    betweenNodes(plan);
  }

  private static void betweenLoops(Plan plan, Vertx vertx, int size) throws Exception {
    Map<String, Contender> contenders = new LinkedHashMap<>();
    contenders.put(
        "MCP message, by reference", hop(plan, () -> new MessageHop(vertx, vertx, size)));
    contenders.put("runOnContext, the limit", hop(plan, () -> new DirectHop(vertx)));
    contenders.put("Buffer, by its codec", hop(plan, () -> new BufferHop(vertx, vertx, size)));
    plan.compare(
        "%d B between two event loops, %d in flight".formatted(size, IN_FLIGHT), contenders);
  }

  private static void toWorker(Plan plan, Vertx vertx, int size) throws Exception {
    int workers = new ModelHostOptions().getWorkersPerModel();
    Map<String, Contender> contenders = new LinkedHashMap<>();
    contenders.put("MCP message, by the host's queue", hop(plan, () -> ModelHop.open(size)));
    contenders.put("executor, the limit", hop(plan, () -> new WorkerHop(vertx, workers)));
    plan.compare(
        "%d B to one of %d workers and back, %d in flight".formatted(size, workers, IN_FLIGHT),
        contenders);
  }

  /** One cluster for all of it: to start one takes seconds. */
  private static void betweenNodes(Plan plan) throws Exception {
    Vertx first = join();
    Vertx second = join();
    for (int size : CLUSTER_SIZES) {
      Map<String, Contender> contenders = new LinkedHashMap<>();
      contenders.put("MCP message", hop(plan, () -> new MessageHop(first, second, size)));
      contenders.put("Buffer, by its codec", hop(plan, () -> new BufferHop(first, second, size)));
      plan.compare(
          "%d B to another node and back, %d in flight".formatted(size, IN_FLIGHT), contenders);
    }
    Hop.await(second.close());
    Hop.await(first.close());
  }

  private static Vertx join() throws Exception {
    ClusterOptions options = new ClusterOptions().setMembers(List.of("127.0.0.1"));
    return Hop.await(Clustering.clusteredVertx(new VertxOptions(), options));
  }

  private static Contender hop(Plan plan, Opener opener) {
    return first -> {
      try (Echo echo = opener.open()) {
        Load.Warmup warmup =
            new Load.Warmup(Long.MAX_VALUE, first ? FIRST_WARM_MILLIS : WARM_MILLIS);
        return Load.measure(echo, 0, IN_FLIGHT, warmup, plan.millis());
      }
    };
  }
}
