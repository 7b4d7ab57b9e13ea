package io.modelcontrol.runtime;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * What is learned of a new version beside the active one, and the verdict. Time is a parameter.
 * Thread-safe: answers come on any thread.
 */
final class Trial {
  /** What is to become of the new version. */
  enum Verdict {
    /** There is too little to judge by. */
    UNDECIDED,
    /** It has done what was asked of it. */
    PASSED,
    /** It has not. */
    FAILED
  }

  /** Latencies of fewer runs say nothing. */
  private static final int FEWEST_LATENCIES = 20;

  /** Runs that differ by less than this are equally fast, whatever their ratio. */
  private static final long SAME_LATENCY_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

  private static final long MAX_LATENCY_NANOS = TimeUnit.HOURS.toNanos(1);
  private static final int LATENCY_DIGITS = 2;
  private static final double SLOWEST_TENTH = 90;

  private final UpdatePolicy policy;
  private final long startNanos;

  /**
   * They grow with what they record: most updates have no trial, and are remembered for a while.
   */
  private final Histogram activeNanos = new Histogram(LATENCY_DIGITS);

  private final Histogram newNanos = new Histogram(LATENCY_DIGITS);
  private long errors;
  private long compared;
  private long differences;
  private String lastError = "";

  Trial(UpdatePolicy policy, long startNanos) {
    this.policy = policy;
    this.startNanos = startNanos;
  }

  /** The active version has answered. */
  synchronized void activeAnswered(long nanos) {
    activeNanos.recordValue(Math.min(nanos, MAX_LATENCY_NANOS));
  }

  /** The new version has answered. */
  synchronized void newAnswered(long nanos) {
    newNanos.recordValue(Math.min(nanos, MAX_LATENCY_NANOS));
  }

  /** The new version has failed on a request that the active one answered. */
  synchronized void newFailed(String error) {
    errors++;
    lastError = error;
  }

  /** Both have answered a request. */
  synchronized void compared(boolean equal) {
    compared++;
    differences += equal ? 0 : 1;
  }

  synchronized Verdict verdict(long nowNanos) {
    if (!reason(nowNanos).isEmpty()) {
      return Verdict.FAILED;
    }
    boolean enough = requests() >= policy.trialRequests();
    boolean enoughCompared = !policy.compares() || compared >= policy.trialRequests();
    return enough && enoughCompared ? Verdict.PASSED : Verdict.UNDECIDED;
  }

  /** Why the verdict is FAILED; empty if it is not. */
  synchronized String reason(long nowNanos) {
    if (errors > policy.maxErrorRate() * policy.trialRequests()) {
      return "it failed on "
          + errors
          + " of "
          + requests()
          + " requests, the last with "
          + lastError;
    }
    if (differences > policy.maxDisagreement() * policy.trialRequests()) {
      return differences + " of " + compared + " answers differ from the active version's";
    }
    if (isSlow()) {
      return String.format(
          Locale.ROOT,
          "90 %% of its runs take up to %.2f ms, those of the active version up to %.2f ms",
          millis(newNanos),
          millis(activeNanos));
    }
    boolean enough = requests() >= policy.trialRequests();
    long elapsedMs = TimeUnit.NANOSECONDS.toMillis(nowNanos - startNanos);
    return !enough && elapsedMs >= policy.trialMs()
        ? "only " + requests() + " of " + policy.trialRequests() + " requests came within the trial"
        : "";
  }

  private boolean isSlow() {
    if (Math.min(newNanos.getTotalCount(), activeNanos.getTotalCount()) < FEWEST_LATENCIES) {
      return false;
    }
    long limit =
        (long) (activeNanos.getValueAtPercentile(SLOWEST_TENTH) * policy.maxLatencyRatio());
    return newNanos.getValueAtPercentile(SLOWEST_TENTH) > limit + SAME_LATENCY_NANOS;
  }

  private long requests() {
    return newNanos.getTotalCount() + errors;
  }

  /** The figures, as parameters of a STATUS. */
  synchronized Map<String, String> report() {
    Map<String, String> report = new LinkedHashMap<>();
    report.put("report.requests", Long.toString(requests()));
    report.put("report.errors", Long.toString(errors));
    report.put("report.compared", Long.toString(compared));
    report.put("report.differences", Long.toString(differences));
    report.put("report.p90-ms", String.format(Locale.ROOT, "%.3f", millis(newNanos)));
    report.put("report.active-p90-ms", String.format(Locale.ROOT, "%.3f", millis(activeNanos)));
    return report;
  }

  private static double millis(Histogram nanos) {
    return nanos.getTotalCount() == 0 ? 0 : nanos.getValueAtPercentile(SLOWEST_TENTH) / 1e6;
  }
}
