package io.modelcontrol.client.impl;

/** How many streams a client resets: half of what a server bears. */
final class ResetBudget {
  private static final int BURST = 50;
  private static final long NANOS_EACH = 200_000_000L;

  private int left = BURST;
  private long refilledNanos = System.nanoTime();

  /** Takes one; false if none is left. */
  boolean take() {
    long now = System.nanoTime();
    long gained = (now - refilledNanos) / NANOS_EACH;
    if (gained > 0) {
      left = (int) Math.min(BURST, left + gained);
      refilledNanos += gained * NANOS_EACH;
    }
    if (left == 0) {
      return false;
    }
    left--;
    return true;
  }
}
