package io.modelcontrol.runtime;

import java.util.Arrays;

/**
 * Which size of a batch costs the least for each row, of the powers of two up to the largest one
 * allowed: larger is not always faster, as what a batch computes has to fit into the caches.
 *
 * <p>Begins with the largest; now and then tries the next smaller or larger one, and moves to what
 * was faster. A size that is tried is compared with those batches of the best one that ran just
 * before: sizes differ by a few percent, and what else runs on the processors comes and goes by
 * more. A pure structure, not thread-safe.
 */
final class BatchPace {
  /** One batch of so many is of a size beside the best, while that is being found. */
  private static final int TRIAL = 8;

  /** The same once it has been found: what is tried costs more than what is known. */
  private static final int SETTLED_TRIAL = 64;

  /** The best has been found when it was the best in so many turns. */
  private static final int SETTLED_TURNS = 256;

  /** So many of the latest batches of the best size say what it costs now. */
  private static final int LATEST = 5;

  /** So many of the latest comparisons of two sizes say which is faster. */
  private static final int COMPARISONS = 9;

  /** A larger batch has to be so much faster, as those in it wait for each other. */
  private static final double WORTH = 0.97;

  private final int maxRows;
  private final Median now = new Median(LATEST);

  /** By the power of two: the cost of a row in a batch of the next size, over that in this one. */
  private final Median[] nextOverThis;

  private int best;
  private int turns;
  private int bestSince;

  BatchPace(int maxRows) {
    this.maxRows = maxRows;
    best = index(maxRows);
    nextOverThis = new Median[best];
    Arrays.setAll(nextOverThis, i -> new Median(COMPARISONS));
  }

  private static int index(int rows) {
    return Integer.SIZE - 1 - Integer.numberOfLeadingZeros(Math.max(1, rows));
  }

  private int size(int index) {
    return index == nextOverThis.length ? maxRows : 1 << index;
  }

  /** Rows of the batch that is fastest, as far as is known. */
  int best() {
    return size(best);
  }

  /** Rows of the next batch: the best, or one beside it to be tried. */
  int next() {
    turns++;
    int trial = turns - bestSince < SETTLED_TURNS ? TRIAL : SETTLED_TRIAL;
    if (turns % trial != 0) {
      return size(best);
    }
    int step = turns / trial % 2 == 0 ? 1 : -1;
    int beside = best + step < 0 || best + step > nextOverThis.length ? best - step : best + step;
    return size(Math.max(0, Math.min(nextOverThis.length, beside)));
  }

  /** A batch has run while others waited. */
  void ran(int rows, long nanos) {
    int index = Math.min(index(rows), nextOverThis.length);
    double each = (double) Math.max(1, nanos) / Math.max(1, rows);
    if (index == best) {
      now.add(each);
    } else if (Math.abs(index - best) == 1 && !now.isEmpty()) {
      compare(index, each);
    }
  }

  private void compare(int tried, double each) {
    Median pair = nextOverThis[Math.min(tried, best)];
    pair.add(tried > best ? each / now.value() : now.value() / each);
    int faster = Math.min(tried, best) + (pair.value() < WORTH ? 1 : 0);
    if (faster != best) {
      best = faster;
      bestSince = turns;
      now.clear();
      now.add(each);
    }
  }

  /** Of the latest values. */
  private static final class Median {
    private final double[] values;
    private int added;

    Median(int latest) {
      values = new double[latest];
    }

    void add(double value) {
      values[added % values.length] = value;
      added++;
    }

    void clear() {
      added = 0;
    }

    boolean isEmpty() {
      return added == 0;
    }

    /** Of two in the middle the smaller one. */
    double value() {
      double[] sorted = Arrays.copyOf(values, Math.min(added, values.length));
      Arrays.sort(sorted);
      return sorted[(sorted.length - 1) / 2];
    }
  }
}
