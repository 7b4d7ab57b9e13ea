package io.modelcontrol.runtime;

/**
 * Which size of a batch costs the least for each row, of the powers of two up to the largest one
 * allowed: larger is not always faster, as what a batch computes has to fit into the caches.
 *
 * <p>Begins with the largest; now and then tries the next smaller or larger one, and stays with
 * what was faster. A pure structure, not thread-safe.
 */
final class BatchPace {
  /** One batch of so many is of a size beside the best, while that is being found. */
  private static final int TRIAL = 8;

  /** The same once it has been found: what is tried costs more than what is known. */
  private static final int SETTLED_TRIAL = 32;

  /** The best has been found when it was the best in so many turns. */
  private static final int SETTLED_TURNS = 256;

  /** How much the newest measure counts: one part of so many. */
  private static final int SMOOTHING = 8;

  /** A larger batch has to be so much faster, as those in it wait for each other. */
  private static final double WORTH = 0.97;

  private final int maxRows;

  /** By the power of two; 0 where nothing is known. */
  private final double[] rowNanos;

  private int turns;
  private int lastBest;
  private int bestSince;

  BatchPace(int maxRows) {
    this.maxRows = maxRows;
    rowNanos = new double[index(maxRows) + 1];
  }

  private static int index(int rows) {
    return Integer.SIZE - 1 - Integer.numberOfLeadingZeros(Math.max(1, rows));
  }

  private int size(int index) {
    return index == rowNanos.length - 1 ? maxRows : 1 << index;
  }

  /** Rows of the batch that is fastest, as far as is known. */
  int best() {
    return size(bestIndex());
  }

  private int bestIndex() {
    int best = rowNanos.length - 1;
    if (rowNanos[best] == 0) {
      return best;
    }
    for (int i = rowNanos.length - 2; i >= 0; i--) {
      if (rowNanos[i] != 0 && rowNanos[i] * WORTH < rowNanos[best]) {
        best = i;
      }
    }
    return best;
  }

  /** Rows of the next batch: the best, or one beside it to be tried. */
  int next() {
    turns++;
    int best = bestIndex();
    if (best != lastBest) {
      lastBest = best;
      bestSince = turns;
    }
    int trial = turns - bestSince < SETTLED_TURNS ? TRIAL : SETTLED_TRIAL;
    if (turns % trial != 0) {
      return size(best);
    }
    int step = turns / trial % 2 == 0 ? 1 : -1;
    int beside = best + step < 0 || best + step >= rowNanos.length ? best - step : best + step;
    return size(Math.max(0, Math.min(rowNanos.length - 1, beside)));
  }

  /** A batch has run while others waited. */
  void ran(int rows, long nanos) {
    int index = Math.min(index(rows), rowNanos.length - 1);
    double each = (double) nanos / Math.max(1, rows);
    rowNanos[index] =
        rowNanos[index] == 0 ? each : rowNanos[index] + (each - rowNanos[index]) / SMOOTHING;
  }
}
