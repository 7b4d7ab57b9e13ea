package io.modelcontrol.conformance;

/** What the server did is not what the case expects; or the case says nothing about this server. */
final class CaseFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final boolean skipped;

  private CaseFailure(String text, boolean skipped) {
    super(text, null, false, false);
    this.skipped = skipped;
  }

  static CaseFailure failed(String text) {
    return new CaseFailure(text, false);
  }

  /** The server announces limits with which the case would take too long. */
  static CaseFailure skipped(String text) {
    return new CaseFailure(text, true);
  }

  boolean isSkipped() {
    return skipped;
  }

  static void check(boolean condition, String text) {
    if (!condition) {
      throw failed(text);
    }
  }
}
