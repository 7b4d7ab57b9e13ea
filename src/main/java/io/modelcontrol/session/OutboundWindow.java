package io.modelcontrol.session;

/** What may still be sent, on a stream or on the session. Contract 2, credit. */
final class OutboundWindow {
  /** No window grows beyond this many bytes. */
  static final int MAX = Integer.MAX_VALUE;

  private int available;

  OutboundWindow(int available) {
    this.available = available;
  }

  /** How many of these bytes may be sent now. */
  int allows(int bytes) {
    return Math.min(bytes, Math.max(0, available));
  }

  void take(int bytes) {
    available -= bytes;
  }

  /** Adds credit; false if the window would exceed 2^31 - 1. */
  boolean grant(long credit) {
    if (credit > MAX - (long) Math.max(0, available)) {
      return false;
    }
    available += (int) credit;
    return true;
  }

  /** Follows the peer's announcement: what was sent before it counts against it. */
  void resize(int from, int to) {
    available += to - from;
  }
}
