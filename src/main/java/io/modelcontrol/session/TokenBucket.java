package io.modelcontrol.session;

/** Allows so many events in a burst, and so many in each period afterwards. */
public final class TokenBucket {
  private final long nanosPerToken;
  private final long fullNanos;
  private long emptyAtNanos;
  private boolean used;

  /**
   * @param burst events that are free at once
   * @param perSecond events that are regained each second
   */
  public TokenBucket(int burst, int perSecond) {
    nanosPerToken = 1_000_000_000L / perSecond;
    fullNanos = burst * nanosPerToken;
  }

  /** Takes one; false if none is left. */
  public boolean take(long nowNanos) {
    if (!used || nowNanos - emptyAtNanos > fullNanos) {
      emptyAtNanos = nowNanos - fullNanos;
      used = true;
    }
    if (nowNanos - emptyAtNanos < nanosPerToken) {
      return false;
    }
    emptyAtNanos += nanosPerToken;
    return true;
  }
}
