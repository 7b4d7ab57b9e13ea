package io.modelcontrol.session;

/**
 * What the peer may still send, on a stream or on the session. Contract 2, credit. Credit is owed
 * as bytes are taken over and given back merged: once half of the window is owed, or, to a reader
 * that takes little at a time, so that the peer sees it getting on, every few seconds.
 */
final class InboundWindow {
  /** Credit below this counts as a control frame, unless it is the last of a message. */
  static final int SMALL_CREDIT = 1024;

  /** Credit that is worth a frame is not owed for longer than this while bytes are taken. */
  private static final long MAX_OWED_NANOS = 5_000_000_000L;

  private final int limit;
  private int available;
  private int owed;
  private boolean owes;
  private long owedSinceNanos;

  InboundWindow(int limit) {
    this.limit = limit;
    this.available = limit;
  }

  /** Takes bytes that arrived out of the window; false if they exceed it. */
  boolean receive(int bytes) {
    if (bytes > available) {
      return false;
    }
    available -= bytes;
    return true;
  }

  /** Owes the peer credit for bytes that were taken over. */
  void owe(int bytes) {
    owed += bytes;
    assert available + owed <= limit : "credit was made from nothing";
  }

  /** Takes back what was owed for bytes, until they are owed again. */
  void withhold(int bytes) {
    owed -= bytes;
  }

  /** The credit to give back now; 0 while it is not worth a frame. */
  int takeCredit(long nowNanos) {
    if (owed > 0 && !owes) {
      owes = true;
      owedSinceNanos = nowNanos;
    }
    boolean late = owed >= SMALL_CREDIT && nowNanos - owedSinceNanos >= MAX_OWED_NANOS;
    return late || owed >= Math.max(1, limit / 2) ? takeAllCredit() : 0;
  }

  private int takeAllCredit() {
    int credit = owed;
    available += credit;
    owed = 0;
    owes = false;
    return credit;
  }

  int available() {
    return available;
  }
}
