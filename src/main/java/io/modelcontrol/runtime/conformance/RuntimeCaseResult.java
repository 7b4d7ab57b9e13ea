package io.modelcontrol.runtime.conformance;

/**
 * How a case went.
 *
 * @param text what was expected and what came, or why the case was not run; empty where it passed
 * @param nanos how long it took
 */
public record RuntimeCaseResult(RuntimeCase testCase, Verdict verdict, String text, long nanos) {
  /** Not run is what the runtime does not offer, or this machine does not have. */
  public enum Verdict {
    PASSED,
    FAILED,
    NOT_RUN
  }

  public boolean isFailed() {
    return verdict == Verdict.FAILED;
  }
}
