package io.modelcontrol.runtime.conformance;

import io.modelcontrol.runtime.conformance.RuntimeCaseResult.Verdict;

/** A case ends otherwise than by passing. */
final class CaseEnd extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Verdict verdict;

  private CaseEnd(Verdict verdict, String text) {
    super(text, null, false, false);
    this.verdict = verdict;
  }

  static CaseEnd failed(String expected, String came) {
    return new CaseEnd(Verdict.FAILED, "expected " + expected + ", came " + came);
  }

  static CaseEnd notRun(String reason) {
    return new CaseEnd(Verdict.NOT_RUN, reason);
  }

  Verdict verdict() {
    return verdict;
  }
}
