package io.modelcontrol.sim;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
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
    REPEATED_REQUESTS
  }

  private final Map<Count, long[]> counts = new EnumMap<>(Count.class);
  private long simulatedNanos;

  public Tally() {
    for (Count count : Count.values()) {
      counts.put(count, new long[1]);
    }
  }

  void add(Count count) {
    counts.get(count)[0]++;
  }

  void addSimulated(long nanos) {
    simulatedNanos += nanos;
  }

  /** Adds what another thread has counted. */
  public void add(Tally other) {
    other.counts.forEach((count, sum) -> counts.get(count)[0] += sum[0]);
    simulatedNanos += other.simulatedNanos;
  }

  public long of(Count count) {
    return counts.get(count)[0];
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
