package io.modelcontrol.client.impl;

import io.modelcontrol.ErrorLevel;
import io.modelcontrol.McpException;
import io.modelcontrol.client.RetryOptions;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * Whether and when a request that failed is sent again. Contract 5: CRITICAL never; the others
 * after a pause that grows and is chosen at random, not before the server's retry-after, and only
 * while there is time left for an answer.
 */
final class RetryPolicy {
  /** The request is not sent again. */
  static final long NEVER = -1;

  /** 2 to this power is beyond every pause. */
  private static final int MOST_DOUBLINGS = 31;

  private final RetryOptions options;
  private final RetryBudget budget;
  private final RandomGenerator random;

  RetryPolicy(RetryOptions options, RandomGenerator random) {
    this.options = options;
    this.budget = new RetryBudget(options.getBudgetTokens());
    this.random = random;
  }

  /**
   * The pause before the next attempt in milliseconds, or {@link #NEVER}.
   *
   * @param attempts that were made, at least 1
   */
  long pauseMs(McpException error, int attempts, long nowNanos, long deadlineNanos) {
    long pauseMs = pauseToGoOnMs(error, attempts, nowNanos, deadlineNanos);
    return pauseMs != NEVER && budget.take() ? pauseMs : NEVER;
  }

  /**
   * As {@link #pauseMs}, for what goes on where it was: it sends nothing twice, so that it costs
   * nothing of the budget.
   */
  long pauseToGoOnMs(McpException error, int attempts, long nowNanos, long deadlineNanos) {
    if (error.level() == ErrorLevel.CRITICAL || attempts >= options.getMaxAttempts()) {
      return NEVER;
    }
    long leftMs = TimeUnit.NANOSECONDS.toMillis(deadlineNanos - nowNanos);
    if (error.retryAfterMs() >= leftMs) {
      return NEVER;
    }
    long pauseMs = error.retryAfterMs() + random.nextLong(longestMs(attempts) + 1);
    return pauseMs < leftMs ? pauseMs : NEVER;
  }

  private long longestMs(int attempts) {
    long doubled = (long) options.getInitialDelayMs() << Math.min(attempts - 1, MOST_DOUBLINGS);
    return Math.min(options.getMaxDelayMs(), doubled);
  }

  void onSuccess() {
    budget.onSuccess();
  }
}
