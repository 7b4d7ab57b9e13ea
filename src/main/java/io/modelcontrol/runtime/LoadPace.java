package io.modelcontrol.runtime;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import java.util.concurrent.TimeUnit;

/**
 * How often models of those who are not trusted are loaded: a minute's worth at once after a pause,
 * then one after the other. A load takes much of a machine, however low its priority, and nothing
 * else keeps such callers from asking for one after the other. Callers pass the time.
 */
final class LoadPace {
  /** Nobody waits longer: callers give loads up that don't come forward, after two minutes. */
  private static final long MAX_WAIT_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final long periodNanos;
  private final long burstNanos;

  /** When the next load may begin if there are no more of them at once. */
  private long nextNanos;

  private boolean used;

  LoadPace(int perMinute) {
    this.periodNanos = TimeUnit.MINUTES.toNanos(1) / perMinute;
    this.burstNanos = periodNanos * (perMinute - 1);
  }

  /**
   * Takes the next place.
   *
   * @return time until it comes, in nanoseconds; 0 if that is now
   * @throws McpException OVERLOADED, with a time to come again, if that would be too long
   */
  long waitNanos(long nowNanos) {
    if (!used || nextNanos - nowNanos < 0) {
      nextNanos = nowNanos;
      used = true;
    }
    long waitNanos = Math.max(0, nextNanos - nowNanos - burstNanos);
    if (waitNanos > MAX_WAIT_NANOS) {
      throw McpException.streamError(
              ErrorCode.OVERLOADED,
              "too many models are to be loaded by callers that are not trusted, see the option"
                  + " models.untrustedLoadsPerMinute")
          .withRetryAfterMs(TimeUnit.NANOSECONDS.toMillis(waitNanos - MAX_WAIT_NANOS) + 1);
    }
    nextNanos += periodNanos;
    return waitNanos;
  }
}
