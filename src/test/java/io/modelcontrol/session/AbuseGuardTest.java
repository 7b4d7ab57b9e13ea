package io.modelcontrol.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import org.junit.jupiter.api.Test;

class AbuseGuardTest {
  private static final long SECOND = 1_000_000_000L;

  private final AbuseGuard guard = new AbuseGuard();

  private static void assertCalm(Runnable excess) {
    assertThatThrownBy(excess::run)
        .isInstanceOfSatisfying(
            McpException.class,
            error -> {
              assertThat(error.code()).isEqualTo(ErrorCode.ENHANCE_YOUR_CALM);
              assertThat(error.scope()).isEqualTo(McpException.Scope.SESSION);
            });
  }

  @Test
  void bearsABurstOfAHundredControlFramesAndNoMore() {
    for (int i = 0; i < 100; i++) {
      guard.onControl(SECOND);
    }
    assertCalm(() -> guard.onControl(SECOND));
  }

  @Test
  void bearsFiftyControlFramesASecondForever() {
    for (int second = 1; second < 60; second++) {
      for (int i = 0; i < 50; i++) {
        guard.onControl(second * SECOND);
      }
    }
  }

  @Test
  void regainsItsPatience() {
    for (int i = 0; i < 100; i++) {
      guard.onReset(SECOND);
    }
    assertCalm(() -> guard.onReset(SECOND));
    for (int i = 0; i < 10; i++) {
      guard.onReset(2 * SECOND);
    }
    assertCalm(() -> guard.onReset(2 * SECOND));
  }

  @Test
  void countsEmptyFramesInARowOnly() {
    for (int i = 0; i < 10; i++) {
      guard.onData(0, 0);
      guard.onData(0, 0);
      guard.onData(1, 0);
    }
    guard.onData(0, 0);
    guard.onData(0, 0);
    assertCalm(() -> guard.onData(0, 0));
  }

  @Test
  void bearsSixtyFourRepliesThatAreNotRead() {
    for (int i = 0; i < 64; i++) {
      guard.onUnsentReply();
    }
    assertCalm(guard::onUnsentReply);
  }

  @Test
  void bearsManyFramesForAMessageIfTheyCarryMuch() {
    for (int frames = 1; frames < 100_000; frames++) {
      guard.onUnfinished(frames, frames * 1024);
    }
  }

  @Test
  void bearsFourThousandTinyFramesForAMessage() {
    for (int frames = 1; frames <= 4096; frames++) {
      guard.onUnfinished(frames, frames);
    }
    assertCalm(() -> guard.onUnfinished(4097, 4097));
  }

  @Test
  void worksWhereTheClockIsNegative() {
    for (int i = 0; i < 100; i++) {
      guard.onControl(Long.MIN_VALUE + i);
    }
    assertCalm(() -> guard.onControl(Long.MIN_VALUE + 100));
  }
}
