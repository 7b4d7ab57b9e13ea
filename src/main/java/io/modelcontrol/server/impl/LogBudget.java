package io.modelcontrol.server.impl;

import java.util.function.LongSupplier;

/** Lets so many lines a second into the log, and a few more after a quiet time. Thread-safe. */
final class LogBudget {
  private static final double LINES_PER_SECOND = 10;
  private static final double BURST = 50;
  private static final double NANOS_PER_SECOND = 1e9;

  private final LongSupplier nanoClock;
  private double lines = BURST;
  private long lastNanos;

  LogBudget(LongSupplier nanoClock) {
    this.nanoClock = nanoClock;
    this.lastNanos = nanoClock.getAsLong();
  }

  /** Whether one more line may be written now. */
  synchronized boolean take() {
    long now = nanoClock.getAsLong();
    lines = Math.min(BURST, lines + LINES_PER_SECOND * (now - lastNanos) / NANOS_PER_SECOND);
    lastNanos = now;
    if (lines < 1) {
      return false;
    }
    lines--;
    return true;
  }
}
