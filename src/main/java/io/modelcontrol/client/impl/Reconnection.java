package io.modelcontrol.client.impl;

import io.vertx.core.internal.ContextInternal;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * When a lost connection is tried again: at once, then after growing and random pauses, so that the
 * clients of a server that comes back do not come all together; until the time is over. On the
 * client's context.
 */
final class Reconnection {
  private static final long FIRST_PAUSE_MS = 50;
  private static final long LONGEST_PAUSE_MS = 2_000;

  private final ContextInternal context;
  private final RandomGenerator random;
  private final Runnable attempt;
  private final long deadlineNanos;
  private long pauseMs;
  private long timer = -1;

  Reconnection(ContextInternal context, RandomGenerator random, long timeoutMs, Runnable attempt) {
    this.context = context;
    this.random = random;
    this.attempt = attempt;
    this.deadlineNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
  }

  /** Makes the next attempt, now or later; false if the time is over. */
  boolean next() {
    if (System.nanoTime() - deadlineNanos >= 0) {
      return false;
    }
    long wait = pauseMs == 0 ? 0 : 1 + random.nextLong(pauseMs);
    pauseMs = Math.min(LONGEST_PAUSE_MS, Math.max(FIRST_PAUSE_MS, 2 * pauseMs));
    if (wait == 0) {
      attempt.run();
    } else {
      timer = context.setTimer(wait, id -> attempt.run());
    }
    return true;
  }

  /** Makes no further attempt. */
  void cancel() {
    if (timer >= 0) {
      context.owner().cancelTimer(timer);
    }
  }
}
