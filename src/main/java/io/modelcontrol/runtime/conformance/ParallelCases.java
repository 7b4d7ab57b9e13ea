package io.modelcontrol.runtime.conformance;

import io.modelcontrol.Tensor;
import io.modelcontrol.runtime.LoadedModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Many threads run one model. */
final class ParallelCases {
  private static final int THREADS = 8;
  private static final int RUNS = 200;

  /** Runs of one thread have from 1 to so many rows. */
  private static final int MOST_ROWS = 7;

  private ParallelCases() {}

  static List<RuntimeCase> all() {
    return List.of(
        new RuntimeCase(
            "parallel/own-answers",
            "answers each of " + THREADS + " threads, " + RUNS + " runs each, with its own sums",
            ParallelCases::answersEach));
  }

  private static void answersEach(Bench bench) throws Exception {
    ConformanceModel add = bench.need(bench.models().add(), "a sum");
    ExecutorService threads = Executors.newFixedThreadPool(THREADS, ParallelCases::daemon);
    try (LoadedModel model = bench.load(add)) {
      CyclicBarrier start = new CyclicBarrier(THREADS);
      List<Callable<Void>> all = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        int number = i;
        all.add(
            () -> {
              start.await();
              sums(model, add, number);
              return null;
            });
      }
      for (Future<Void> each : threads.invokeAll(all)) {
        requirePassed(each);
      }
    } finally {
      threads.shutdown();
    }
  }

  private static Thread daemon(Runnable work) {
    Thread thread = new Thread(work, "conformance-parallel");
    thread.setDaemon(true);
    return thread;
  }

  private static void requirePassed(Future<Void> one) throws InterruptedException {
    try {
      one.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof CaseEnd end) {
        throw end;
      }
      throw CaseEnd.failed("an answer to each run", e.getCause().toString());
    }
  }

  private static void sums(LoadedModel model, ConformanceModel add, int thread) {
    for (int run = 0; run < RUNS; run++) {
      int rows = 1 + run % MOST_ROWS;
      Tensor a = filled(add.inputs().get(0).name(), thread * RUNS, rows);
      Tensor b = filled(add.inputs().get(1).name(), run, rows);
      Tensor sum = filled(add.outputs().get(0).name(), thread * RUNS + run, rows);
      Expect.answers(model, List.of(a, b), List.of(), List.of(sum));
    }
  }

  private static Tensor filled(String name, int value, int rows) {
    float[] values = new float[rows];
    Arrays.fill(values, value);
    return Tensor.of(name, values);
  }
}
