package io.modelcontrol.client.impl;

import io.vertx.core.internal.ContextInternal;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Times that something may take. Those of one length end in the order in which they began, so they
 * form a queue with one timer, for its head: to begin and to end a request costs no timer. On the
 * client's context only.
 */
final class Deadlines {
  /** Something that may take so long, and no longer. In one queue at a time. */
  abstract static class Timed {
    private Queue queue;
    private Timed before;
    private Timed after;
    private long dueNanos;

    /** The time has passed. */
    abstract void onTimeUp();
  }

  private final ContextInternal context;
  private final Map<Long, Queue> queues = new HashMap<>();
  private Queue recent;

  Deadlines(ContextInternal context) {
    this.context = context;
  }

  /** Sets a time, anew if there was one. */
  void set(Timed timed, long ms) {
    clear(timed);
    if (recent == null || recent.ms != ms || recent.dropped) {
      recent = queues.computeIfAbsent(ms, Queue::new);
    }
    recent.add(timed);
  }

  /** There is no hurry any more. */
  void clear(Timed timed) {
    if (timed.queue != null) {
      timed.queue.remove(timed);
    }
  }

  private final class Queue {
    private final long ms;
    private final long nanos;
    private Timed first;
    private Timed last;
    private boolean armed;
    private boolean dropped;

    Queue(long ms) {
      this.ms = ms;
      this.nanos = TimeUnit.MILLISECONDS.toNanos(ms);
    }

    void add(Timed timed) {
      timed.queue = this;
      timed.dueNanos = System.nanoTime() + nanos;
      timed.before = last;
      if (last == null) {
        first = timed;
      } else {
        last.after = timed;
      }
      last = timed;
      if (!armed) {
        arm(ms);
      }
    }

    void remove(Timed timed) {
      if (timed.before == null) {
        first = timed.after;
      } else {
        timed.before.after = timed.after;
      }
      if (timed.after == null) {
        last = timed.before;
      } else {
        timed.after.before = timed.before;
      }
      timed.queue = null;
      timed.before = null;
      timed.after = null;
    }

    private void arm(long delayMs) {
      armed = true;
      context.setTimer(Math.max(1, delayMs), id -> onTimer());
    }

    private void onTimer() {
      armed = false;
      long now = System.nanoTime();
      while (first != null && first.dueNanos - now <= 0) {
        Timed due = first;
        remove(due);
        due.onTimeUp();
      }
      if (first != null && !armed) {
        arm(TimeUnit.NANOSECONDS.toMillis(first.dueNanos - now + 999_999));
      } else if (first == null) {
        dropped = true;
        queues.remove(ms, this);
      }
    }
  }
}
