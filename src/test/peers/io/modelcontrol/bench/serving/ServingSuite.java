package io.modelcontrol.bench.serving;

import io.modelcontrol.bench.echo.Echo;
import io.modelcontrol.bench.echo.Held;
import io.modelcontrol.bench.echo.Load;
import io.modelcontrol.bench.report.Contender;
import io.modelcontrol.bench.report.Plan;
import io.modelcontrol.runtime.ModelHostOptions;
import io.modelcontrol.runtime.ModelIsolation;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Compares ways to ask a model: each request is a run of its own; then what it brings to run many
 * of them as one.
 */
public final class ServingSuite {
  private static final int[] IN_FLIGHT = {1, 8, 64};
  private static final int MANY_IN_FLIGHT = 64;
  private static final int MAX_BATCH = 32;
  private static final long FIRST_WARM_MILLIS = 5_000;
  private static final long WARM_MILLIS = 1_000;

  private static final Load.Warmup NONE = new Load.Warmup(0, 0);

  /** Opens a server and one connection to it. */
  @FunctionalInterface
  private interface Opener {
    Echo open(Sample sample) throws Exception;
  }

  private ServingSuite() {}

  public static void run(Plan plan) throws Exception {
    DjlPredictor.startEngine();
    int workers = new ModelHostOptions().getWorkersPerModel();
    for (Network network : Network.values()) {
      Sample sample = network.sample();
      Sample rehearsal = network.rehearsal();
      for (int inFlight : IN_FLIGHT) {
        int threads = Math.min(inFlight, Runtime.getRuntime().availableProcessors());
        Map<String, Contender> contenders = new LinkedHashMap<>();
        contenders.put(
            "MCP",
            served(
                plan,
                asked -> new McpServing(asked, ModelIsolation.NONE),
                rehearsal,
                sample,
                inFlight));
        contenders.put(
            "MCP, the model in a process of its own",
            served(
                plan,
                asked -> new McpServing(asked, ModelIsolation.PROCESS),
                rehearsal,
                sample,
                inFlight));
        contenders.put("bare OrtSession.run, in process", bare(plan, sample, threads));
        contenders.put(
            "gRPC, ModelInfer",
            served(plan, asked -> new GrpcServing(asked, workers), rehearsal, sample, inFlight));
        contenders.put("DJL's predictor, in process", djl(plan, sample, threads));
        plan.compare(
            "inference, %s, %d in flight (in process: %d threads), batching off"
                .formatted(network.title(), inFlight, threads),
            contenders);
      }
      Optional<Sample> joinable = network.joinable();
      if (joinable.isPresent()) {
        compareBatching(plan, network, joinable.get());
      }
    }
  }

  private static void compareBatching(Plan plan, Network network, Sample sample) throws Exception {
    Map<String, Contender> contenders = new LinkedHashMap<>();
    contenders.put("MCP, batching on", batched(plan, sample, MAX_BATCH));
    contenders.put("the same node, batching off", batched(plan, sample, 1));
    plan.compare(
        "batching, %s, %d in flight".formatted(network.title(), MANY_IN_FLIGHT), contenders);
  }

  private static Contender batched(Plan plan, Sample sample, int batch) {
    return served(
        plan,
        asked -> new McpServing(asked, ModelIsolation.NONE, batch),
        sample,
        sample,
        MANY_IN_FLIGHT);
  }

  /** Warmed up by the rehearsal, as calls of a large model are too few for the compiler. */
  private static Contender served(
      Plan plan, Opener opener, Sample rehearsal, Sample sample, int inFlight) {
    return new Held(
        () -> {
          try (Echo echo = opener.open(rehearsal)) {
            Load.measure(echo, rehearsal.answer().remaining(), inFlight, NONE, Held.WARM_MILLIS);
          }
          return opener.open(sample);
        },
        sample.answer().remaining(),
        inFlight,
        plan.millis());
  }

  private static Contender bare(Plan plan, Sample sample, int threads) {
    return first -> {
      try (OrtModel model = new OrtModel(sample.model())) {
        return InProcess.measure(
            () -> () -> sample.check(model.run(sample.freshData(), sample.shape())),
            threads,
            first ? FIRST_WARM_MILLIS : WARM_MILLIS,
            plan.millis());
      }
    };
  }

  private static Contender djl(Plan plan, Sample sample, int threads) {
    return first -> {
      try (DjlPredictor model = new DjlPredictor(sample)) {
        long warmMillis = first ? FIRST_WARM_MILLIS : WARM_MILLIS;
        return InProcess.measure(model::open, threads, warmMillis, plan.millis());
      }
    };
  }
}
