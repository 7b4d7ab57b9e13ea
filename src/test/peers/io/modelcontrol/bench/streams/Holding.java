package io.modelcontrol.bench.streams;

import io.modelcontrol.bench.report.Figure;
import io.modelcontrol.bench.report.Meter;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Opens all streams of a session, weighs them, and uses one after the other, chosen at random. */
final class Holding {
  private static final int IN_FLIGHT = 64;
  private static final int WARM_SAMPLES = 2_000;
  private static final int MIN_SAMPLES = 5_000;
  private static final int MAX_SAMPLES = 1 << 20;
  private static final long AWAKE_MILLIS = 20;

  private final Held held;
  private final Answers answers;
  private final int streams;
  private final SplittableRandom random = new SplittableRandom(1);
  private int begun;
  private int answered;

  Holding(Held held, Answers answers, int streams) {
    this.held = held;
    this.answers = answers;
    this.streams = streams;
  }

  /** A session as the one that is measured; tells what an opening took. */
  Map<Figure, Double> rehearse() throws Exception {
    held.connect();
    Map<Figure, Double> figures = open();
    sample(0);
    disconnect();
    return figures;
  }

  /** Heap, direct memory, and the time of a message and its answer while all streams are open. */
  Map<Figure, Double> measure(long millis) throws Exception {
    held.connect();
    Memory before = Memory.settled();
    Meter meter = Meter.begin();
    Map<Figure, Double> figures = open();
    Memory after = Memory.settled();
    figures.put(Figure.HEAP_BYTES, (after.heap() - before.heap()) / (double) streams);
    figures.put(Figure.DIRECT_BYTES, (after.direct() - before.direct()) / (double) streams);
    figures.put(Figure.P95_MICROS, sample(millis));
    // Of the opening alone it could not be told: it is over after a few ticks.
    figures.put(Figure.OTHERS_PERCENT, meter.end(1).get(Figure.OTHERS_PERCENT));
    disconnect();
    return figures;
  }

  /** The loops are awake when it begins, and so much in flight keeps them awake. */
  @SuppressWarnings("try")
  private Map<Figure, Double> open() throws InterruptedException, TimeoutException {
    begun = 0;
    answered = 0;
    answers.expect(this::opened);
    try (KeptAwake awake = keepAwake()) {
      TimeUnit.MILLISECONDS.sleep(AWAKE_MILLIS);
    }
    Meter meter = Meter.begin();
    held.clientLoop()
        .execute(
            () -> {
              while (begun < IN_FLIGHT) {
                held.open(begun++);
              }
            });
    answers.await();
    Map<Figure, Double> figures = meter.end(streams);
    figures.put(Figure.MICROS, TimeUnit.SECONDS.toMicros(1) / figures.remove(Figure.PER_SECOND));
    return figures;
  }

  private void opened() {
    answered++;
    if (begun < streams) {
      held.open(begun++);
    } else if (answered == streams) {
      answers.finish();
    }
  }

  /** The 95th percentile in microseconds. */
  @SuppressWarnings("try")
  private double sample(long millis) throws InterruptedException, TimeoutException {
    Samples samples = new Samples(TimeUnit.MILLISECONDS.toNanos(millis));
    answers.expect(samples::answered);
    try (KeptAwake awake = keepAwake()) {
      held.clientLoop().execute(samples::next);
      answers.await();
    }
    return samples.p95Micros();
  }

  private KeptAwake keepAwake() {
    return new KeptAwake(List.of(held.clientLoop(), held.serverLoop()));
  }

  private void disconnect() throws Exception {
    answers.ending();
    held.disconnect();
  }

  /** One message at a time; the first ones warm up, and do not count. */
  private final class Samples {
    private final long[] nanos = new long[MAX_SAMPLES];
    private final long endNanos;
    private int taken = -WARM_SAMPLES;
    private long begin;

    Samples(long forNanos) {
      endNanos = System.nanoTime() + forNanos;
    }

    void next() {
      begin = System.nanoTime();
      held.send(random.nextInt(streams));
    }

    void answered() {
      long now = System.nanoTime();
      if (taken >= 0) {
        nanos[taken] = now - begin;
      }
      taken++;
      if (taken == MAX_SAMPLES || taken >= MIN_SAMPLES && now - endNanos > 0) {
        answers.finish();
      } else {
        next();
      }
    }

    double p95Micros() {
      Arrays.sort(nanos, 0, taken);
      return nanos[(int) (taken * 0.95)] / 1e3;
    }
  }
}
