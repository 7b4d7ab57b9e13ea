package io.modelcontrol.sim;

import java.util.Locale;
import java.util.StringJoiner;

/** How often what happened, over all seeds of a thread. */
public final class Tally {
  /** What is counted. */
  public enum Count {
    CONNECTIONS,
    SESSIONS,
    STREAMS,
    MESSAGES,
    FRAMES,
    CUTS,
    SILENCES,
    CLOCK_JUMPS,
    DETACHED,
    RESUMED,
    TAKEN_OVER,
    RESUME_REJECTED,
    FRAMES_REPLAYED,
    TOKENS_REPLAYED,
    RESETS,
    PAUSES,
    DRAINS,
    CLOSES,
    REFUSALS,
    OVERSIZE,
    REPEATED_REQUESTS,
    RECORDED_ANSWERS
  }

  private final long[] counts = new long[Count.values().length];
  private long simulatedNanos;

  void add(Count count) {
    counts[count.ordinal()]++;
  }

  void addSimulated(long nanos) {
    simulatedNanos += nanos;
  }

  /** Adds what another thread has counted. */
  public void add(Tally other) {
    for (int i = 0; i < counts.length; i++) {
      counts[i] += other.counts[i];
    }
    simulatedNanos += other.simulatedNanos;
  }

  public long of(Count count) {
    return counts[count.ordinal()];
  }

  /** Hours that passed on the simulated clocks. */
  public double simulatedHours() {
    return simulatedNanos / 3.6e12;
  }

  @Override
  public String toString() {
    StringJoiner text = new StringJoiner(", ");
    for (Count count : Count.values()) {
      text.add(count.name().toLowerCase(Locale.ROOT).replace('_', ' ') + " " + of(count));
    }
    return text.toString();
  }
}
