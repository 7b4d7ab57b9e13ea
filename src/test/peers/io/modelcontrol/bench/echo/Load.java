package io.modelcontrol.bench.echo;

import io.modelcontrol.bench.report.Figure;
import io.modelcontrol.bench.report.Meter;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Keeps so many requests in flight: each answer makes the next request. */
public final class Load {
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

  public static Map<Figure, Double> measure(Echo echo, int inFlight, long warmMillis, long millis)
      throws InterruptedException, TimeoutException {
    return new Load(echo, inFlight).run(warmMillis, millis);
  }

  private Map<Figure, Double> run(long warmMillis, long millis)
      throws InterruptedException, TimeoutException {
    echo.execute(
        () -> {
          for (int i = 0; i < inFlight; i++) {
            next();
          }
        });
    TimeUnit.MILLISECONDS.sleep(warmMillis);
    samples.set(0);
    long answersBefore = answers.get();
    Meter meter = Meter.begin();
    TimeUnit.MILLISECONDS.sleep(millis);
    Map<Figure, Double> figures = meter.end(answers.get() - answersBefore);
    int sampled = Math.min(samples.get(), MAX_SAMPLES);
    ending = true;
    if (!idle.await(END_WITHIN_SECONDS, TimeUnit.SECONDS)) {
      throw new TimeoutException("requests are never answered");
    }
    long[] sorted = Arrays.copyOf(nanos, sampled);
    Arrays.sort(sorted);
    figures.put(Figure.P50_MICROS, at(sorted, 0.5));
    figures.put(Figure.P99_MICROS, at(sorted, 0.99));
    return figures;
  }

  private void next() {
    if (ending) {
      idle.countDown();
      return;
    }
    long begin = System.nanoTime();
    echo.call(
        () -> {
          answers.getAndIncrement();
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
