package io.modelcontrol.conformance;

/**
 * How a case went.
 *
 * @param text why it failed or was skipped; empty where it passed
 * @param nanos how long it took
 */
public record CaseResult(ConformanceCase testCase, Verdict verdict, String text, long nanos) {
  /** Skipped is what the announced limits of the server make unreasonable. */
  public enum Verdict {
    PASSED,
    FAILED,
    SKIPPED
  }

  public boolean isFailed() {
    return verdict == Verdict.FAILED;
  }
}
