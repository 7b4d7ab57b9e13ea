package io.modelcontrol.session;

/**
 * Counts the sequenced frames that have arrived since the session began, and decides when the peer
 * is told, so that it can forget them: merged, as credit is.
 */
final class Receipts {
  /** The peer is told at the latest after so many frames. */
  static final int FRAMES = 64;

  /** The peer is told at the latest so long after a frame that it was not told of. */
  static final long DELAY_NANOS = 100_000_000L;

  private final int maxUntoldBytes;
  private long received;
  private long told;
  private long untoldBytes;
  private long oldestUntoldNanos;

  /**
   * @param sessionWindow what the peer may have on its way, in bytes
   */
  Receipts(int sessionWindow) {
    maxUntoldBytes = sessionWindow / 4;
  }

  /** Sequenced frames that have arrived. */
  long received() {
    return received;
  }

  void onFrame(int bytes, long nowNanos) {
    if (received++ == told) {
      oldestUntoldNanos = nowNanos;
    }
    untoldBytes += bytes;
  }

  boolean isDue(long nowNanos) {
    return received != told
        && (received - told >= FRAMES || untoldBytes >= maxUntoldBytes || untilDue(nowNanos) <= 0);
  }

  boolean hasUntold() {
    return received != told;
  }

  /** Nanoseconds until the peer must be told. */
  long untilDue(long nowNanos) {
    return !hasUntold() ? Long.MAX_VALUE : oldestUntoldNanos + DELAY_NANOS - nowNanos;
  }

  /** The peer is being told. */
  long tell() {
    told = received;
    untoldBytes = 0;
    return received;
  }
}
