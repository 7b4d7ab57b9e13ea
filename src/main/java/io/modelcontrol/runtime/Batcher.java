package io.modelcontrol.runtime;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/**
 * Which of those who wait run together, and when: whose deadline is the earliest comes first, and
 * takes others of its kind along.
 *
 * <p>Nobody waits for others while nothing is under way. While something is, a batch that is not
 * full waits as long as others keep coming, within the delay and its earliest deadline: those who
 * come rarely do not wait at all.
 *
 * <p>How many rows a batch has at most follows from what batches have cost, see {@link BatchPace}.
 *
 * <p>A pure structure: time is a parameter, in nanoseconds of one clock. Not thread-safe.
 *
 * @param <T> who waits; compared by identity or by its own equality
 */
final class Batcher<T> {
  /**
   * Who has waited so long is served as if its deadline had come, so that nobody with a late one is
   * passed for ever.
   */
  static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** Kinds whose pace is remembered while none of them waits. */
  private static final int MAX_IDLE_KINDS = 64;

  /** After so many gaps without another one, no other one is expected. */
  private static final int QUIET_GAPS = 4;

  /** How much the newest measure counts: one part of so many. */
  private static final int SMOOTHING = 8;

  private record Item<T>(T value, Kind<T> kind, Share share, long due, long number) {}

  /**
   * What one takes of a batch.
   *
   * @param rows at least 1
   * @param bytes of its inputs
   * @param arrivedNanos when it came
   * @param deadlineNanos when it has to be done
   */
  record Share(int rows, long bytes, long arrivedNanos, long deadlineNanos) {}

  /** Those that can be joined with each other. */
  private static final class Kind<T> {
    final TreeSet<Item<T>> items;
    final boolean alone;
    long rows;
    long bytes;
    long lastNanos;
    long gapNanos;
    boolean known;

    Kind(Comparator<Item<T>> order, boolean alone, long gapNanos) {
      items = new TreeSet<>(order);
      this.alone = alone;
      this.gapNanos = gapNanos;
    }
  }

  private final int maxRows;
  private final BatchPace pace;
  private final long maxBytes;
  private final long maxDelayNanos;
  private final Comparator<Item<T>> order =
      (a, b) -> a.due != b.due ? Long.signum(a.due - b.due) : Long.compare(a.number, b.number);
  private final Map<Object, Kind<T>> kinds = new HashMap<>();
  private final Kind<T> single;
  private final Map<T, Item<T>> items = new HashMap<>();
  private long numbers;
  private long rowNanos;

  /**
   * A batcher.
   *
   * @param maxBytes of the inputs of a batch
   */
  Batcher(BatchSettings settings, long maxBytes) {
    maxRows = settings.maxSize();
    pace = new BatchPace(maxRows);
    maxDelayNanos = settings.maxDelayNanos();
    this.maxBytes = maxBytes;
    single = new Kind<>(order, true, 0);
  }

  /**
   * One more waits.
   *
   * @param keyOrNull equal for those that can be joined; null for one that runs alone
   */
  void add(T value, Object keyOrNull, Share share) {
    Kind<T> kind = keyOrNull == null ? single : kind(keyOrNull);
    long patient = share.arrivedNanos + PATIENCE_NANOS;
    long due = share.deadlineNanos - patient < 0 ? share.deadlineNanos : patient;
    Item<T> item = new Item<>(value, kind, share, due, numbers++);
    items.put(value, item);
    kind.items.add(item);
    kind.rows += share.rows;
    kind.bytes += share.bytes;
    measureGap(kind, share.arrivedNanos);
  }

  private Kind<T> kind(Object key) {
    if (kinds.size() >= MAX_IDLE_KINDS && !kinds.containsKey(key)) {
      kinds.values().removeIf(kind -> kind.items.isEmpty());
    }
    return kinds.computeIfAbsent(key, k -> new Kind<>(order, false, 2 * maxDelayNanos));
  }

  /** A pause counts as one of twice the delay: it says that these come rarely, not how rarely. */
  private void measureGap(Kind<T> kind, long nowNanos) {
    if (kind.known) {
      long gap = Math.max(0, Math.min(nowNanos - kind.lastNanos, 2 * maxDelayNanos));
      kind.gapNanos += (gap - kind.gapNanos) / SMOOTHING;
    }
    kind.known = true;
    kind.lastNanos = nowNanos;
  }

  /** One waits no more; whether it did. */
  boolean remove(T value) {
    Item<T> item = items.remove(value);
    if (item == null) {
      return false;
    }
    Kind<T> kind = item.kind;
    kind.items.remove(item);
    kind.rows -= item.share.rows;
    kind.bytes -= item.share.bytes;
    return true;
  }

  boolean isEmpty() {
    return items.isEmpty();
  }

  /**
   * Those that run next, together; empty where nobody waits, or is to wait on.
   *
   * @param underWay batches of the model that run
   */
  List<T> take(long nowNanos, int underWay) {
    Kind<T> next = null;
    for (Kind<T> kind : kinds.values()) {
      next = earlier(next, kind, nowNanos, underWay);
    }
    next = earlier(next, single, nowNanos, underWay);
    return next == null ? List.of() : take(next);
  }

  private Kind<T> earlier(Kind<T> best, Kind<T> kind, long nowNanos, int underWay) {
    if (kind.items.isEmpty() || holdNanos(kind, nowNanos, underWay) > 0) {
      return best;
    }
    return best == null || order.compare(kind.items.first(), best.items.first()) < 0 ? kind : best;
  }

  private List<T> take(Kind<T> kind) {
    List<T> taken = new ArrayList<>();
    int limit = kind.rows > 1 ? pace.next() : maxRows;
    long rows = 0;
    long bytes = 0;
    Iterator<Item<T>> waiting = kind.items.iterator();
    while (waiting.hasNext() && (taken.isEmpty() || !kind.alone)) {
      Item<T> item = waiting.next();
      rows += item.share.rows;
      bytes += item.share.bytes;
      if (!taken.isEmpty() && (rows > limit || bytes > maxBytes)) {
        break;
      }
      taken.add(item.value);
    }
    taken.forEach(this::remove);
    return taken;
  }

  /**
   * How long nobody is to be taken, if no other one comes: 0 if somebody may be, negative if nobody
   * waits.
   */
  long holdNanos(long nowNanos, int underWay) {
    long hold = single.items.isEmpty() ? Long.MAX_VALUE : 0;
    for (Kind<T> kind : kinds.values()) {
      if (!kind.items.isEmpty()) {
        hold = Math.min(hold, holdNanos(kind, nowNanos, underWay));
      }
    }
    return hold == Long.MAX_VALUE ? -1 : hold;
  }

  private long holdNanos(Kind<T> kind, long nowNanos, int underWay) {
    boolean full = kind.rows >= pace.best() || kind.bytes >= maxBytes;
    if (kind.alone || underWay == 0 || full || kind.gapNanos >= maxDelayNanos) {
      return 0;
    }
    long hold = kind.lastNanos + QUIET_GAPS * kind.gapNanos - nowNanos;
    for (Item<T> item : kind.items) {
      hold = Math.min(hold, item.share.arrivedNanos + maxDelayNanos - nowNanos);
      hold = Math.min(hold, item.share.deadlineNanos - rowNanos * kind.rows - nowNanos);
    }
    return Math.max(0, hold);
  }

  /** A batch has run while others waited. */
  void ran(int rows, long nanos) {
    pace.ran(rows, nanos);
    long each = nanos / Math.max(1, rows);
    rowNanos = rowNanos == 0 ? each : rowNanos + (each - rowNanos) / SMOOTHING;
  }
}
