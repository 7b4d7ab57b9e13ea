package io.modelcontrol.bench.echo;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Keeps so many requests in flight: each answer makes the next request. */
final class Load {
  /**
   * What was measured.
   *
   * @param perSecond answers
   * @param cpuMicros processor time of both sides for each answer
   */
  record Figures(double perSecond, double cpuMicros, double p50Micros, double p99Micros) {}

  private static final OperatingSystemMXBean SYSTEM =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  private static final int MAX_SAMPLES = 1 << 20;
  private static final long END_WITHIN_SECONDS = 30;

  private final Echo echo;
  private final int inFlight;
  private final AtomicLong answers = new AtomicLong();
  private final AtomicInteger samples = new AtomicInteger();
  private final long[] nanos = new long[MAX_SAMPLES];
  private final CountDownLatch idle;
  private volatile boolean ending;

  private Load(Echo echo, int inFlight) {
    this.echo = echo;
    this.inFlight = inFlight;
    this.idle = new CountDownLatch(inFlight);
  }

  static Figures measure(Echo echo, int inFlight, long warmMillis, long millis)
      throws InterruptedException, TimeoutException {
    return new Load(echo, inFlight).run(warmMillis, millis);
  }

  private Figures run(long warmMillis, long millis) throws InterruptedException, TimeoutException {
    echo.execute(
        () -> {
          for (int i = 0; i < inFlight; i++) {
            next();
          }
        });
    TimeUnit.MILLISECONDS.sleep(warmMillis);
    samples.set(0);
    long answersBefore = answers.get();
    long cpuBefore = SYSTEM.getProcessCpuTime();
    long begin = System.nanoTime();
    TimeUnit.MILLISECONDS.sleep(millis);
    long took = System.nanoTime() - begin;
    long cpu = SYSTEM.getProcessCpuTime() - cpuBefore;
    long counted = answers.get() - answersBefore;
    int sampled = Math.min(samples.get(), MAX_SAMPLES);
    ending = true;
    if (!idle.await(END_WITHIN_SECONDS, TimeUnit.SECONDS)) {
      throw new TimeoutException("requests are never answered");
    }
    long[] sorted = Arrays.copyOf(nanos, sampled);
    Arrays.sort(sorted);
    return new Figures(
        counted * 1e9 / took, cpu / 1e3 / counted, at(sorted, 0.5), at(sorted, 0.99));
  }

  private void next() {
    if (ending) {
      idle.countDown();
      return;
    }
    long begin = System.nanoTime();
    echo.call(
        () -> {
          answers.lazySet(answers.get() + 1);
          int sample = samples.getAndIncrement();
          if (sample < MAX_SAMPLES) {
            nanos[sample] = System.nanoTime() - begin;
          }
          next();
        });
  }

  private static double at(long[] sorted, double part) {
    return sorted.length == 0 ? 0 : sorted[(int) (sorted.length * part)] / 1e3;
  }
}
