package io.modelcontrol.testing;

/**
 * What became of a case.
 *
 * @param name as in the table
 * @param verdict the outcome here
 * @param publicVerdict that of bare ONNX Runtime through its public API
 * @param bestVerdict that of bare ONNX Runtime with every help
 * @param reason why it is not PASS; empty otherwise
 */
public record CaseResult(
    String name,
    CaseVerdict verdict,
    CaseVerdict publicVerdict,
    CaseVerdict bestVerdict,
    String reason) {
  public boolean passes() {
    return verdict == CaseVerdict.PASS;
  }

  /** Passes nowhere it passes with the public API. */
  public boolean isWorseThanPublic() {
    return publicVerdict == CaseVerdict.PASS && !passes();
  }

  public boolean isWorseThanBest() {
    return bestVerdict == CaseVerdict.PASS && !passes();
  }

  @Override
  public String toString() {
    return name
        + ": "
        + verdict
        + ", best "
        + bestVerdict
        + ", public "
        + publicVerdict
        + (reason.isEmpty() ? "" : ": " + reason);
  }
}
