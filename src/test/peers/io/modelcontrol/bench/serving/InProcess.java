package io.modelcontrol.bench.serving;

import io.modelcontrol.bench.report.Figure;
import io.modelcontrol.bench.report.Meter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/** Threads that call again and again: no queue, no network, nothing is handed over. */
final class InProcess {
  /** What a thread does. */
  @FunctionalInterface
  interface Call {
    void run() throws Exception;
  }

  /** Gives each thread its own. */
  @FunctionalInterface
  interface Calls {
    Call open() throws Exception;
  }

  private final LongAdder answers = new LongAdder();
  private volatile boolean ending;

  private InProcess() {}

  static Map<Figure, Double> measure(Calls calls, int threads, long warmMillis, long millis)
      throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      return new InProcess().measure(pool, calls, threads, warmMillis, millis);
    } finally {
      pool.shutdown();
    }
  }

  private Map<Figure, Double> measure(
      ExecutorService pool, Calls calls, int threads, long warmMillis, long millis)
      throws Exception {
    List<Future<?>> loops = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      Call call = calls.open();
      loops.add(
          pool.submit(
              () -> {
                while (!ending) {
                  call.run();
                  answers.increment();
                }
                return null;
              }));
    }
    TimeUnit.MILLISECONDS.sleep(warmMillis);
    long before = answers.sum();
    Meter meter = Meter.begin();
    TimeUnit.MILLISECONDS.sleep(millis);
    Map<Figure, Double> figures = meter.end(answers.sum() - before);
    ending = true;
    for (Future<?> loop : loops) {
      loop.get();
    }
    return figures;
  }
}
