package io.modelcontrol.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LivenessTest {
  private static final long MS = 1_000_000L;
  private static final int KEEPALIVE_MS = 30_000;
  private static final long KEEPALIVE = KEEPALIVE_MS * MS;

  private final Liveness liveness = new Liveness(SessionConfig.Timeouts.DEFAULT);
  private final List<Long> asked = new ArrayList<>();
  private long now = Long.MAX_VALUE - KEEPALIVE;

  @BeforeEach
  void becomesReady() {
    liveness.onConnected(now);
    liveness.onReady();
    liveness.keepalive(KEEPALIVE_MS, 0);
  }

  /** Lives on without hearing anything; returns after how long the peer was given up, or -1. */
  private long silence(long nanos) {
    long start = now;
    while (now - start < nanos) {
      now += Math.max(1, Math.min(liveness.untilNextCheck(now), start + nanos - now));
      try {
        if (liveness.check(now)) {
          asked.add(now - start);
        }
      } catch (McpException e) {
        assertThat(e.code()).isEqualTo(ErrorCode.NETWORK_TIMEOUT);
        return now - start;
      }
    }
    return -1;
  }

  /** Waits for the next question and answers it after a while. */
  private void answerAfter(long nanos) {
    int before = asked.size();
    while (asked.size() == before) {
      silence(Math.max(1, liveness.untilNextCheck(now)));
    }
    silence(nanos);
    liveness.onHeard(now);
  }

  @Test
  void asksAfterTheWholeKeepaliveAtFirst() {
    silence(KEEPALIVE);
    assertThat(asked).containsExactly(KEEPALIVE);
  }

  @Test
  void repeatsAnUnansweredQuestionAndGivesUpAfterTwoKeepalives() {
    assertThat(silence(3 * KEEPALIVE)).isEqualTo(2 * KEEPALIVE);
    assertThat(asked).containsExactly(KEEPALIVE, 4 * KEEPALIVE / 3, 5 * KEEPALIVE / 3);
  }

  @Test
  void asksAtAThirdOfTheKeepaliveAfterALateAnswer() {
    answerAfter(KEEPALIVE / 4);
    assertThat(liveness.intervalNanos()).isEqualTo(KEEPALIVE / 3);
    asked.clear();
    silence(KEEPALIVE / 3);
    assertThat(asked).containsExactly(KEEPALIVE / 3);
  }

  @Test
  void takesLongerAgainWithEachGoodAnswer() {
    answerAfter(KEEPALIVE / 2);
    List<Long> intervals = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      answerAfter(10 * MS);
      intervals.add(liveness.intervalNanos());
    }
    assertThat(intervals)
        .containsExactly(KEEPALIVE / 2, 2 * KEEPALIVE / 3, 5 * KEEPALIVE / 6, KEEPALIVE, KEEPALIVE);
  }

  @Test
  void framesThatWereNotAskedForChangeNoInterval() {
    answerAfter(KEEPALIVE / 2);
    for (int i = 0; i < 10; i++) {
      silence(MS);
      liveness.onHeard(now);
    }
    assertThat(liveness.intervalNanos()).isEqualTo(KEEPALIVE / 3);
  }

  @Test
  void noticesADeadPeerWithinTwoKeepalivesWhateverCameBefore() {
    Random random = new Random(7);
    for (int round = 0; round < 500; round++) {
      answerAfter(random.nextInt(KEEPALIVE_MS - 1) * MS);
      assertThat(liveness.intervalNanos()).isBetween(KEEPALIVE / 3, KEEPALIVE);
      if (round % 50 == 49) {
        long gaveUp = silence(3 * KEEPALIVE);
        assertThat(gaveUp).isEqualTo(2 * KEEPALIVE);
        liveness.onHeard(now);
      }
    }
  }

  @Test
  void aMissedAnswerShortensTheIntervalEvenIfTheRepeatedQuestionIsAnsweredAtOnce() {
    answerAfter(KEEPALIVE / 3 + MS);
    assertThat(liveness.intervalNanos()).isEqualTo(KEEPALIVE / 3);
  }

  @Test
  void asksSoonerAfterTheSessionHasChangedItsConnection() {
    liveness.onAttached(now);
    silence(KEEPALIVE / 3);
    assertThat(asked).containsExactly(KEEPALIVE / 3);
  }

  @Test
  void anEndThatDidNotRunForAWhileAsksBeforeItGivesUp() {
    now += 10 * KEEPALIVE;
    assertThat(liveness.check(now)).isTrue();
    assertThat(silence(KEEPALIVE)).isEqualTo(KEEPALIVE / 3);
  }

  @Test
  void neverAsksMoreThanTenTimesASecond() {
    liveness.keepalive(60, 60);
    silence(119 * MS);
    assertThat(asked).containsExactly(60 * MS);
    liveness.onHeard(now);
    asked.clear();
    silence(61 * MS);
    assertThat(asked).containsExactly(60 * MS);
  }

  @Test
  void withoutKeepaliveAPeerMayBeSilentForever() {
    liveness.keepalive(0, 0);
    assertThat(silence(100 * KEEPALIVE)).isEqualTo(-1);
    assertThat(asked).isEmpty();
  }
}
