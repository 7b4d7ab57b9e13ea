package io.modelcontrol.session;

/**
 * What the peer may still send, on a stream or on the session. Contract 2, credit. Credit is owed
 * as bytes are taken over and given back merged: once half of the window is owed.
 */
final class InboundWindow {
  /** Credit below this counts as a control frame, unless it is the last of a message. */
  static final int SMALL_CREDIT = 1024;

  private final int limit;
  private int available;
  private int owed;

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

  /** The credit to give back now; 0 while it is not worth a frame. */
  int takeCredit() {
    return owed >= Math.max(1, limit / 2) ? takeAllCredit() : 0;
  }

  private int takeAllCredit() {
    int credit = owed;
    available += credit;
    owed = 0;
    return credit;
  }

  int available() {
    return available;
  }
}
