package io.modelcontrol.proof;

import io.modelcontrol.sim.Simulator;
import io.modelcontrol.sim.Tally;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Sessions over a simulated network, one seed after the other, from the given one on: nothing is
 * lost, delivered twice or left over, whatever the network does. The first seed that fails ends the
 * proof, and its story is told.
 */
public final class SimulationProof implements Proof {
  private static final int DEFAULT_COUNT = 1_000_000;

  @Override
  public String run(ProofArgs args) throws Exception {
    int count = args.countOr(DEFAULT_COUNT);
    int threads = Math.min(count, Runtime.getRuntime().availableProcessors());
    AtomicInteger next = new AtomicInteger();
    ExecutorService executor = Executors.newFixedThreadPool(threads);
    long start = System.nanoTime();
    Tally tally = new Tally();
    try {
      List<Future<Tally>> results = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        results.add(executor.submit(() -> runSeeds(args.seed(), next, count)));
      }
      for (Future<Tally> result : results) {
        tally.add(result.get());
      }
    } finally {
      executor.shutdownNow();
    }
    return String.format(
        Locale.ROOT,
        "%d seeds from %d in %.1f s by %d threads, %.0f simulated hours: %s",
        count,
        args.seed(),
        (System.nanoTime() - start) / 1e9,
        threads,
        tally.simulatedHours(),
        tally);
  }

  /** Seeds as long as there are any; a failure leaves none for the other threads. */
  private static Tally runSeeds(long first, AtomicInteger next, int count) {
    Simulator simulator = new Simulator();
    try {
      int number;
      while ((number = next.getAndIncrement()) < count) {
        simulator.run(first + number);
      }
    } catch (AssertionError found) {
      next.set(count);
      throw found;
    }
    return simulator.tally();
  }
}
