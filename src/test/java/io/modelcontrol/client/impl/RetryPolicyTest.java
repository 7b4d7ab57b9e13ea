package io.modelcontrol.client.impl;

import static org.assertj.core.api.Assertions.assertThat;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.ErrorLevel;
import io.modelcontrol.McpException;
import io.modelcontrol.client.RetryOptions;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RetryPolicyTest {
  private static final long MINUTE = TimeUnit.MINUTES.toNanos(1);

  /** Always the longest pause that is allowed. */
  private static final RandomGenerator LONGEST =
      new RandomGenerator() {
        @Override
        public long nextLong() {
          return 0;
        }

        @Override
        public long nextLong(long bound) {
          return bound - 1;
        }
      };

  private static RetryOptions rich() {
    return new RetryOptions().setBudgetTokens(1_000);
  }

  private static McpException error(ErrorCode code) {
    return McpException.streamError(code, "failed");
  }

  private static long pause(RetryOptions options, McpException error, int attempts, long leftMs) {
    long now = Long.MAX_VALUE - 5;
    long deadline = now + TimeUnit.MILLISECONDS.toNanos(leftMs);
    return new RetryPolicy(options, LONGEST).pauseMs(error, attempts, now, deadline);
  }

  @ParameterizedTest
  @EnumSource(
      value = ErrorCode.class,
      names = {"OK", "CONTINUE"},
      mode = EnumSource.Mode.EXCLUDE)
  void followsTheLevelOfEveryCode(ErrorCode code) {
    long first = pause(rich(), error(code), 1, 60_000);
    assertThat(first).isEqualTo(code.level() == ErrorLevel.CRITICAL ? RetryPolicy.NEVER : 100);
    assertThat(pause(rich(), error(code), 4, 60_000)).isEqualTo(RetryPolicy.NEVER);
  }

  @Test
  void followsTheLevelThatThePeerGave() {
    McpException critical = error(ErrorCode.OVERLOADED).withLevel(ErrorLevel.CRITICAL);
    McpException passing = error(ErrorCode.INVALID_TENSOR).withLevel(ErrorLevel.TRANSIENT);
    assertThat(pause(rich(), critical, 1, 60_000)).isEqualTo(RetryPolicy.NEVER);
    assertThat(pause(rich(), passing, 1, 60_000)).isEqualTo(100);
  }

  @Test
  void pausesGrowTwofoldUpToTheLongest() {
    RetryOptions many = rich().setMaxAttempts(100);
    McpException error = error(ErrorCode.SERVICE_UNAVAILABLE);
    long[] expected = {100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000};
    for (int i = 0; i < expected.length; i++) {
      assertThat(pause(many, error, i + 1, 60_000)).isEqualTo(expected[i]);
    }
    assertThat(pause(many, error, 99, 60_000)).isEqualTo(5_000);
  }

  @Test
  void pausesAreSpreadFromNothingToTheLongest() {
    long seed = 7;
    RetryPolicy policy = new RetryPolicy(rich(), new Random(seed));
    long least = Long.MAX_VALUE;
    long most = 0;
    for (int i = 0; i < 500; i++) {
      long pause = policy.pauseMs(error(ErrorCode.OVERLOADED), 2, 0, MINUTE);
      least = Math.min(least, pause);
      most = Math.max(most, pause);
    }
    assertThat(least).as("seed " + seed).isBetween(0L, 20L);
    assertThat(most).as("seed " + seed).isBetween(180L, 200L);
  }

  @Test
  void neverComesBackBeforeTheServerAllows() {
    McpException error = error(ErrorCode.OVERLOADED).withRetryAfterMs(7_000);
    assertThat(pause(rich(), error, 1, 60_000)).isEqualTo(7_100);
    assertThat(pause(rich(), error, 1, 7_000)).isEqualTo(RetryPolicy.NEVER);
    McpException forever = error(ErrorCode.OVERLOADED).withRetryAfterMs(Long.MAX_VALUE);
    assertThat(pause(rich(), forever, 1, 60_000)).isEqualTo(RetryPolicy.NEVER);
  }

  @Test
  void neverGoesPastTheDeadline() {
    McpException error = error(ErrorCode.OVERLOADED);
    assertThat(pause(rich(), error, 1, 101)).isEqualTo(100);
    assertThat(pause(rich(), error, 1, 100)).isEqualTo(RetryPolicy.NEVER);
    assertThat(pause(rich(), error, 1, 0)).isEqualTo(RetryPolicy.NEVER);
    assertThat(pause(rich(), error, 1, -5)).isEqualTo(RetryPolicy.NEVER);
  }

  @Test
  void oneAttemptIsNoRetry() {
    RetryOptions off = rich().setMaxAttempts(1);
    assertThat(pause(off, error(ErrorCode.OVERLOADED), 1, 60_000)).isEqualTo(RetryPolicy.NEVER);
  }

  @Test
  void belowHalfOfTheBudgetNothingIsRetriedUntilSuccessesHaveEarnedIt() {
    RetryPolicy policy = new RetryPolicy(new RetryOptions(), LONGEST);
    McpException error = error(ErrorCode.OVERLOADED);
    for (int i = 0; i < 6; i++) {
      assertThat(policy.pauseMs(error, 1, 0, MINUTE)).isEqualTo(100);
    }
    assertThat(policy.pauseMs(error, 1, 0, MINUTE)).isEqualTo(RetryPolicy.NEVER);
    for (int i = 0; i < 9; i++) {
      policy.onSuccess();
    }
    assertThat(policy.pauseMs(error, 1, 0, MINUTE)).isEqualTo(RetryPolicy.NEVER);
    policy.onSuccess();
    assertThat(policy.pauseMs(error, 1, 0, MINUTE)).isEqualTo(100);
  }

  @Test
  void whatIsNotRetriedCostsNothing() {
    RetryPolicy policy = new RetryPolicy(new RetryOptions().setBudgetTokens(1), LONGEST);
    for (int i = 0; i < 5; i++) {
      policy.pauseMs(error(ErrorCode.INVALID_TENSOR), 1, 0, MINUTE);
      policy.pauseMs(error(ErrorCode.OVERLOADED), 1, 0, 0);
    }
    assertThat(policy.pauseMs(error(ErrorCode.OVERLOADED), 1, 0, MINUTE)).isEqualTo(100);
  }

  @Test
  void theBudgetIsNeverMoreThanFull() {
    RetryBudget budget = new RetryBudget(2);
    for (int i = 0; i < 100; i++) {
      budget.onSuccess();
    }
    assertThat(budget.take()).isTrue();
    assertThat(budget.take()).isTrue();
    assertThat(budget.take()).isFalse();
  }
}
