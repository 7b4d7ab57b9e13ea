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

  private static int after(int batches, IntToDoubleFunction rowNanos) {
    BatchPace pace = new BatchPace(MAX_ROWS);
    run(pace, batches, rowNanos);
    return pace.best();
  }

  private static void run(BatchPace pace, int batches, IntToDoubleFunction rowNanos) {
    Random noise = new Random(1);
    for (int i = 0; i < batches; i++) {
      int rows = pace.next();
      double nanos = rows * rowNanos.applyAsDouble(rows) * (1 + noise.nextDouble() / 100);
      pace.ran(rows, (long) nanos);
    }
  }
}
