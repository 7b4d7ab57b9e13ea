package io.modelcontrol.isolation;

import io.modelcontrol.Digest;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Contents whose processes have ended three times within a minute. They are not run again before
 * the node starts anew: the same bytes do the same thing. Thread-safe.
 */
final class Quarantine {
  /** Strikes until a content is out. */
  static final int STRIKES = 3;

  /** Strikes that are older do not count. */
  static final long WINDOW_SECONDS = 60;

  /** Contents that are remembered with less than three strikes. */
  private static final int MAX_SUSPECTS = 10_000;

  /** Contents that are out; the oldest are tried again beyond this. */
  private static final int MAX_BANNED = 100_000;

  private final LongSupplier nanoClock;
  private final Map<Digest, Deque<Long>> strikes = bounded(MAX_SUSPECTS);
  private final Map<Digest, Boolean> banned = bounded(MAX_BANNED);

  Quarantine(LongSupplier nanoClock) {
    this.nanoClock = nanoClock;
  }

  private static <V> Map<Digest, V> bounded(int max) {
    return new LinkedHashMap<>() {
      private static final long serialVersionUID = 1L;

      @Override
      protected boolean removeEldestEntry(Map.Entry<Digest, V> eldest) {
        return size() > max;
      }
    };
  }

  /** A process of this content has ended; returns whether it was the last one. */
  synchronized boolean strike(Digest digest) {
    long now = nanoClock.getAsLong();
    Deque<Long> recent = strikes.computeIfAbsent(digest, d -> new ArrayDeque<>());
    recent.removeIf(then -> now - then > TimeUnit.SECONDS.toNanos(WINDOW_SECONDS));
    recent.add(now);
    if (recent.size() >= STRIKES) {
      strikes.remove(digest);
      banned.put(digest, true);
    }
    return banned.containsKey(digest);
  }

  /**
   * Lets a content pass that is not out.
   *
   * @throws McpException MODEL_REJECTED
   */
  synchronized void check(Digest digest) {
    if (banned.containsKey(digest)) {
      throw refusal();
    }
  }

  static McpException refusal() {
    return McpException.streamError(
        ErrorCode.MODEL_REJECTED,
        "QUARANTINE: the process of this content ended "
            + STRIKES
            + " times within "
            + WINDOW_SECONDS
            + " s; unload it");
  }
}
