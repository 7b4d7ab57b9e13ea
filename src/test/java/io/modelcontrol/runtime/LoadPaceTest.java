package io.modelcontrol.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LoadPaceTest {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  /** The clock of Java begins anywhere. */
  private static final long START = Long.MAX_VALUE - 10 * SECOND;

  private final LoadPace pace = new LoadPace(12);

  @Test
  void letsAMinutesWorthBeginAtOnceAndThenOneAfterTheOther() {
    for (int load = 0; load < 12; load++) {
      assertThat(pace.waitNanos(START)).isZero();
    }
    assertThat(pace.waitNanos(START)).isEqualTo(5 * SECOND);
    assertThat(pace.waitNanos(START + SECOND)).isEqualTo(9 * SECOND);
  }

  @Test
  void aPauseGivesBackWhatItHasLasted() {
    for (int load = 0; load < 12; load++) {
      pace.waitNanos(START);
    }
    assertThat(pace.waitNanos(START + 10 * SECOND)).isZero();
    assertThat(pace.waitNanos(START + 10 * SECOND)).isZero();
    assertThat(pace.waitNanos(START + 10 * SECOND)).isEqualTo(5 * SECOND);
  }

  @Test
  void afterALongPauseThereIsAMinutesWorthAndNoMore() {
    pace.waitNanos(START);
    long later = START + TimeUnit.HOURS.toNanos(1);
    for (int load = 0; load < 12; load++) {
      assertThat(pace.waitNanos(later)).isZero();
    }
    assertThat(pace.waitNanos(later)).isPositive();
  }

  @Test
  void whoeverWouldWaitForMoreThanAMinuteIsToldWhenToComeAgainAndTakesNoPlace() {
    for (int load = 0; load < 24; load++) {
      pace.waitNanos(START);
    }
    for (int refused = 0; refused < 3; refused++) {
      assertThatExceptionOfType(McpException.class)
          .isThrownBy(() -> pace.waitNanos(START))
          .satisfies(
              error -> {
                assertThat(error.code()).isEqualTo(ErrorCode.OVERLOADED);
                assertThat(error.retryAfterMs()).isBetween(5_000L, 5_001L);
                assertThat(error).hasMessageContaining("untrustedLoadsPerMinute");
              });
    }
    assertThat(pace.waitNanos(START + 5 * SECOND)).isEqualTo(60 * SECOND);
  }
}
