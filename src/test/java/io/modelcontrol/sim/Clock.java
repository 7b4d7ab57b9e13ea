package io.modelcontrol.sim;

/** The clock of one end: it may jump forward. */
final class Clock {
  private final Simulation sim;
  private long offsetNanos;

  Clock(Simulation sim, long offsetNanos) {
    this.sim = sim;
    this.offsetNanos = offsetNanos;
  }

  long nowNanos() {
    return sim.nowNanos() + offsetNanos;
  }

  long nowMs() {
    return nowNanos() / 1_000_000;
  }

  void jump(long nanos) {
    offsetNanos += nanos;
  }
}
