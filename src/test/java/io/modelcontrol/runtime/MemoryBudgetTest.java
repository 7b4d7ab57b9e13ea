package io.modelcontrol.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.runtime.MemoryBudget.Reservation;
import org.junit.jupiter.api.Test;

class MemoryBudgetTest {
  private final MemoryBudget budget = new MemoryBudget(100);

  @Test
  void reservesUpToTheLastByteAndNoFurther() {
    assertThat(budget.reserve(60)).isNotNull();
    assertThat(budget.reserve(41)).isNull();
    assertThat(budget.reserve(40)).isNotNull();
    assertThat(budget.reserve(1)).isNull();
    assertThat(budget.usedBytes()).isEqualTo(100);
  }

  @Test
  void hasRoomAgainWhenAModelIsClosedAndCountsThatOnce() {
    Reservation reservation = budget.reserve(60);
    reservation.release();
    reservation.release();
    assertThat(budget.usedBytes()).isZero();
    assertThat(budget.reserve(100)).isNotNull();
  }

  @Test
  void whatIsMeasuredReplacesTheEstimateEvenBeyondTheBudget() {
    Reservation reservation = budget.reserve(60);
    reservation.correct(20);
    assertThat(budget.usedBytes()).isEqualTo(20);
    reservation.correct(130);
    assertThat(budget.reserve(1)).isNull();
    reservation.release();
    reservation.correct(5);
    assertThat(budget.usedBytes()).isZero();
  }

  @Test
  void noSumOverflows() {
    MemoryBudget unlimited = new MemoryBudget(Long.MAX_VALUE);
    assertThat(unlimited.reserve(Long.MAX_VALUE)).isNotNull();
    assertThat(unlimited.reserve(Long.MAX_VALUE)).isNull();
  }

  @Test
  void theRefusalSaysWhatIsAskedForAndWhatIsLeft() {
    budget.reserve(60);
    assertThat(budget.exhausted(50).code()).isEqualTo(ErrorCode.RESOURCE_EXHAUSTED);
    assertThat(budget.exhausted(50))
        .hasMessageContaining(
            "the model takes about 50 bytes of memory; of 100 bytes for models 40 are left");
  }
}
