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
  private static final long LOOK_MILLIS = 10;

  /**
   * How long nothing is measured, for the compiler's sake.
   *
   * @param calls that are enough
   * @param millis that are enough, too
   */
  public record Warmup(long calls, long millis) {}

  private final Echo echo;
  private final int answerBytes;
  private final int inFlight;
  private final AtomicLong answers = new AtomicLong();
  private final AtomicInteger samples = new AtomicInteger();
  private final long[] nanos = new long[MAX_SAMPLES];
  private final CountDownLatch idle;
  private volatile Throwable failure;
  private volatile boolean ending;

  private Load(Echo echo, int answerBytes, int inFlight) {
    this.echo = echo;
    this.answerBytes = answerBytes;
    this.inFlight = inFlight;
    this.idle = new CountDownLatch(inFlight);
  }

  /**
   * Measures answers of so many bytes.
   *
   * @throws IllegalStateException if a call fails, its answer has another size, or none comes
   */
  public static Map<Figure, Double> measure(
      Echo echo, int answerBytes, int inFlight, Warmup warmup, long millis)
      throws InterruptedException, TimeoutException {
    return new Load(echo, answerBytes, inFlight).run(warmup, millis);
  }

  private Map<Figure, Double> run(Warmup warmup, long millis)
      throws InterruptedException, TimeoutException {
    echo.execute(
        () -> {
          for (int i = 0; i < inFlight; i++) {
            next();
          }
        });
    for (long ms = 0; ms < warmup.millis && answers.get() < warmup.calls; ms += LOOK_MILLIS) {
      pass(LOOK_MILLIS);
    }
    samples.set(0);
    long answersBefore = answers.get();
    Meter meter = Meter.begin();
    pass(millis);
    long measured = answers.get() - answersBefore;
    if (measured == 0) {
      throw new IllegalStateException("no request was answered within " + millis + " ms");
    }
    Map<Figure, Double> figures = meter.end(measured);
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

  private void pass(long millis) throws InterruptedException {
    TimeUnit.MILLISECONDS.sleep(millis);
    if (failure != null) {
      throw new IllegalStateException("a call failed", failure);
    }
  }

  private void next() {
    if (ending) {
      idle.countDown();
    } else {
      echo.call(new Call());
    }
  }

  private final class Call implements Echo.Caller {
    private final long begin = System.nanoTime();

    @Override
    public void answered(int bytes) {
      if (bytes != answerBytes) {
        failed(new IllegalStateException(bytes + " B came, expected " + answerBytes));
        return;
      }
      answers.getAndIncrement();
      int sample = samples.getAndIncrement();
      if (sample < MAX_SAMPLES) {
        nanos[sample] = System.nanoTime() - begin;
      }
      next();
    }

    @Override
    public void failed(Throwable cause) {
      failure = cause;
    }
  }

  private static double at(long[] sorted, double part) {
    return sorted.length == 0 ? 0 : sorted[(int) (sorted.length * part)] / 1e3;
  }
}
