package io.modelcontrol.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

/** Finds the size that costs the least for each row, without a clock. */
class BatchPaceTest {
  private static final int MAX_ROWS = 64;

  @Test
  void beginsWithTheLargest() {
    assertThat(new BatchPace(48).next()).isEqualTo(48);
  }

  @Test
  void staysWithTheLargestWhereACallCostsMoreThanItsRows() {
    assertThat(after(400, rows -> 1_000_000.0 / rows + 10_000)).isEqualTo(MAX_ROWS);
  }

  @Test
  void findsThatSingleRowsAreTheFastest() {
    assertThat(after(400, rows -> 10_000 + 500.0 * rows)).isEqualTo(1);
  }

  @Test
  void findsTheSizeThatFillsTheCache() {
    assertThat(after(400, rows -> 80_000.0 / rows + (rows > 8 ? 90_000 : 10_000))).isEqualTo(8);
  }

  @Test
  void prefersTheSmallerOneOfTwoThatAreAlike() {
    assertThat(after(400, rows -> 10_000)).isEqualTo(1);
  }

  @Test
  void followsWhenTheCostsChange() {
    BatchPace pace = new BatchPace(MAX_ROWS);
    run(pace, 400, rows -> 10_000 + 500.0 * rows);
    run(pace, 2_000, rows -> 1_000_000.0 / rows + 10_000);
    assertThat(pace.best()).isEqualTo(MAX_ROWS);
  }

  /** As measured: 6.6, 7.1, 7.7 and 8.5 ms for each row, and some batches that were disturbed. */
  @Test
  void staysWithTheFastestThoughBatchesAreDisturbed() {
    BatchPace pace = new BatchPace(8);
    Random disturbed = new Random(3);
    run(pace, 500, rows -> costs(rows, disturbed));
    assertThat(run(pace, 4_000, rows -> costs(rows, disturbed))).isGreaterThan(3_800);
  }

  private static double costs(int rows, Random disturbed) {
    double quiet = 6_600_000 * Math.pow(1.08, Math.log(rows) / Math.log(2));
    return quiet * (disturbed.nextInt(10) == 0 ? 1.6 : 1);
  }

  /** Something else runs for so long that nothing is known of the time before. */
  @Test
  void staysWithTheFastestWhenAllOfThemGetSlowerAndFasterAgain() {
    BatchPace pace = new BatchPace(8);
    run(pace, 500, rows -> 6_600_000 + 500_000 * rows);
    for (int i = 0; i < 20; i++) {
      double load = 1 + i % 2;
      run(pace, 100, rows -> load * (6_600_000 + 500_000 * rows));
      assertThat(pace.best()).isEqualTo(1);
    }
  }

  private static int after(int batches, IntToDoubleFunction rowNanos) {
    BatchPace pace = new BatchPace(MAX_ROWS);
    run(pace, batches, rowNanos);
    return pace.best();
  }

  /** How many of the batches had one row. */
  private static int run(BatchPace pace, int batches, IntToDoubleFunction rowNanos) {
    int single = 0;
    Random noise = new Random(1);
    for (int i = 0; i < batches; i++) {
      int rows = pace.next();
      double nanos = rows * rowNanos.applyAsDouble(rows) * (1 + noise.nextDouble() / 100);
      pace.ran(rows, (long) nanos);
      single += rows == 1 ? 1 : 0;
    }
    return single;
  }
}
