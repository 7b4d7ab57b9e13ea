package io.modelcontrol.bench.session;

import io.modelcontrol.bench.report.Figure;
import io.modelcontrol.server.impl.DeployCost;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** What deploying a verticle costs: as the server does it for each session, and as usual. */
final class Deployed {
  private static final int COUNT = 5_000;
  private static final int WARM_ROUNDS = 3;

  private Deployed() {}

  static Map<Figure, Double> session(boolean first) throws Exception {
    Vertx vertx = Vertx.vertx();
    try {
      for (int i = 0; first && i < WARM_ROUNDS; i++) {
        DeployCost.measure(vertx, COUNT);
      }
      DeployCost.Figures cost = DeployCost.measure(vertx, COUNT);
      Map<Figure, Double> figures = new EnumMap<>(Figure.class);
      figures.put(Figure.MICROS, cost.deployMicros());
      figures.put(Figure.HEAP_BYTES, (double) cost.heapBytes());
      return figures;
    } finally {
      Mcp.await(vertx.close());
    }
  }

  static Map<Figure, Double> verticle(boolean first) throws Exception {
    Vertx vertx = Vertx.vertx();
    try {
      for (int i = 0; first && i < WARM_ROUNDS; i++) {
        deployAll(vertx);
      }
      Memory before = Memory.now();
      double micros = deployAll(vertx) / 1e3 / COUNT;
      double heap = Memory.now().heapBytes() - before.heapBytes();
      Map<Figure, Double> figures = new EnumMap<>(Figure.class);
      figures.put(Figure.MICROS, micros);
      figures.put(Figure.HEAP_BYTES, heap / COUNT);
      return figures;
    } finally {
      Mcp.await(vertx.close());
    }
  }

  /** Nanoseconds until all of them have started, deployed from one event loop. */
  private static long deployAll(Vertx vertx) throws Exception {
    Context loop = vertx.getOrCreateContext();
    return Future.<Long>future(
            done ->
                loop.runOnContext(
                    v -> {
                      long begin = System.nanoTime();
                      List<Future<String>> all = new ArrayList<>(COUNT);
                      for (int i = 0; i < COUNT; i++) {
                        all.add(vertx.deployVerticle(context -> Future.succeededFuture()));
                      }
                      Future.all(all).map(w -> System.nanoTime() - begin).onComplete(done);
                    }))
        .await(1, TimeUnit.MINUTES);
  }
}
