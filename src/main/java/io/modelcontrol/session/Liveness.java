package io.modelcontrol.session;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;

/**
 * The time limits of a session: its handshake, an unfinished frame, the peer's signs of life.
 *
 * <p>A silent peer is asked for a sign of life after an interval that follows what the link is
 * like: the negotiated keepalive where answers come at once, a third of it after one that was late
 * or missed, and longer again with each good one. An unanswered question is repeated. However that
 * goes, two negotiated keepalives of silence are the end.
 */
final class Liveness {
  /** An idle session without any limit is looked at this often. */
  private static final long IDLE_CHECK_NANOS = 60_000_000_000L;

  /** The shortest interval is this part of the negotiated keepalive. */
  private static final int SHORTEST_PART = 3;

  /** An answer is good within this part of the keepalive; the interval grows by as much. */
  private static final int GOOD_PART = 6;

  /** Questions are no flood: not more often than this, however short the keepalive. */
  private static final long MIN_INTERVAL_NANOS = 100_000_000L;

  private final SessionConfig.Timeouts timeouts;
  private boolean handshaking = true;
  private long connectedNanos;
  private boolean inFrame;
  private boolean headerDone;
  private long frameStartNanos;
  private long keepaliveNanos;
  private long intervalNanos;
  private long heardNanos;
  private boolean pinged;
  private long firstPingNanos;
  private long lastPingNanos;

  Liveness(SessionConfig.Timeouts timeouts) {
    this.timeouts = timeouts;
  }

  void onConnected(long nowNanos) {
    connectedNanos = nowNanos;
    heardNanos = nowNanos;
  }

  /** The session goes on over another connection, which may be as bad as the one before. */
  void onAttached(long nowNanos) {
    inFrame = false;
    connectedNanos = nowNanos;
    onHeard(nowNanos);
    intervalNanos = shortestInterval();
  }

  void onReady() {
    handshaking = false;
  }

  /**
   * Sets how long the peer may be silent before it is asked for a sign of life: the shorter of what
   * both ends announced, where 0 announces nothing.
   */
  void keepalive(int localMs, int remoteMs) {
    int ms =
        localMs == 0 || remoteMs == 0 ? Math.max(localMs, remoteMs) : Math.min(localMs, remoteMs);
    keepaliveNanos = ms * 1_000_000L;
    intervalNanos = keepaliveNanos;
  }

  void onHeard(long nowNanos) {
    if (pinged) {
      adapt(nowNanos - firstPingNanos);
      pinged = false;
    }
    heardNanos = nowNanos;
  }

  private void adapt(long answerNanos) {
    long step = keepaliveNanos / GOOD_PART;
    intervalNanos =
        answerNanos <= step ? Math.min(keepaliveNanos, intervalNanos + step) : shortestInterval();
  }

  private long shortestInterval() {
    return Math.min(keepaliveNanos, Math.max(keepaliveNanos / SHORTEST_PART, MIN_INTERVAL_NANOS));
  }

  /** Since when there is the present connection. */
  long connectedNanos() {
    return connectedNanos;
  }

  /** How long the peer has been silent. */
  long silentNanos(long nowNanos) {
    return nowNanos - heardNanos;
  }

  /** How long a silent peer is left alone before it is asked. */
  long intervalNanos() {
    return intervalNanos;
  }

  /** Told after each read: whether a frame is unfinished, and whether its header is whole. */
  void onPartialFrame(boolean partial, boolean withHeader, long nowNanos) {
    if (partial && !inFrame) {
      frameStartNanos = nowNanos;
    }
    inFrame = partial;
    headerDone = withHeader;
  }

  /** A frame ended, so what is left of the read belongs to another one. */
  void onFrame() {
    inFrame = false;
  }

  /**
   * Checks all limits.
   *
   * @return whether the peer must be asked for a sign of life now
   * @throws McpException NEGOTIATION_TIMEOUT, IDLE_TIMEOUT or NETWORK_TIMEOUT, for the session
   */
  boolean check(long nowNanos) {
    if (handshaking && nowNanos - connectedNanos >= timeouts.handshakeNanos()) {
      throw McpException.sessionError(
          ErrorCode.NEGOTIATION_TIMEOUT, "the session was not Ready in time");
    }
    if (inFrame && nowNanos - frameStartNanos >= frameLimit()) {
      throw McpException.sessionError(
          ErrorCode.IDLE_TIMEOUT,
          headerDone
              ? "a frame was not finished in time"
              : "a frame header was not finished in time");
    }
    return keepaliveNanos != 0 && mustAsk(nowNanos);
  }

  private boolean mustAsk(long nowNanos) {
    if (pinged && nowNanos - deadNanos() >= 0) {
      throw McpException.sessionError(
          ErrorCode.NETWORK_TIMEOUT,
          "the peer gave no sign of life within two keepalive intervals");
    }
    if (nowNanos - askNanos() < 0) {
      return false;
    }
    if (pinged) {
      intervalNanos = shortestInterval();
    } else {
      pinged = true;
      firstPingNanos = nowNanos;
    }
    lastPingNanos = nowNanos;
    return true;
  }

  /** When the peer is asked, or asked again. */
  private long askNanos() {
    return pinged ? lastPingNanos + shortestInterval() : heardNanos + intervalNanos;
  }

  /** An end that did not run for a while itself still gives the peer the time to answer. */
  private long deadNanos() {
    long grace = firstPingNanos + shortestInterval();
    long twice = heardNanos + 2 * keepaliveNanos;
    return grace - twice > 0 ? grace : twice;
  }

  /** Nanoseconds until the next limit may be reached. */
  long untilNextCheck(long nowNanos) {
    long next = IDLE_CHECK_NANOS;
    if (handshaking) {
      next = Math.min(next, connectedNanos + timeouts.handshakeNanos() - nowNanos);
    }
    if (inFrame) {
      next = Math.min(next, frameStartNanos + frameLimit() - nowNanos);
    }
    if (keepaliveNanos != 0) {
      next = Math.min(next, askNanos() - nowNanos);
      if (pinged) {
        next = Math.min(next, deadNanos() - nowNanos);
      }
    }
    return Math.max(0, next);
  }

  private long frameLimit() {
    return headerDone ? timeouts.frameNanos() : timeouts.headerNanos();
  }
}
