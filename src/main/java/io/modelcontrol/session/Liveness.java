package io.modelcontrol.session;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;

/** The time limits of a session: its handshake, an unfinished frame, the peer's signs of life. */
final class Liveness {
  /** An idle session without any limit is looked at this often. */
  private static final long IDLE_CHECK_NANOS = 60_000_000_000L;

  private final SessionConfig.Timeouts timeouts;
  private boolean handshaking = true;
  private long connectedNanos;
  private boolean inFrame;
  private boolean headerDone;
  private long frameStartNanos;
  private long keepaliveNanos;
  private long heardNanos;
  private boolean pinged;

  Liveness(SessionConfig.Timeouts timeouts) {
    this.timeouts = timeouts;
  }

  void onConnected(long nowNanos) {
    connectedNanos = nowNanos;
    heardNanos = nowNanos;
  }

  /** The session goes on over another connection. */
  void onAttached(long nowNanos) {
    inFrame = false;
    onHeard(nowNanos);
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
  }

  void onHeard(long nowNanos) {
    heardNanos = nowNanos;
    pinged = false;
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
    if (keepaliveNanos == 0 || nowNanos - heardNanos < keepaliveNanos) {
      return false;
    }
    if (pinged && nowNanos - heardNanos >= 2 * keepaliveNanos) {
      throw McpException.sessionError(
          ErrorCode.NETWORK_TIMEOUT,
          "the peer gave no sign of life within two keepalive intervals");
    }
    boolean ask = !pinged;
    pinged = true;
    return ask;
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
      long due = heardNanos + (pinged ? 2 : 1) * keepaliveNanos;
      next = Math.min(next, due - nowNanos);
    }
    return Math.max(0, next);
  }

  private long frameLimit() {
    return headerDone ? timeouts.frameNanos() : timeouts.headerNanos();
  }
}
