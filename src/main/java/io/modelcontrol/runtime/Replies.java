package io.modelcontrol.runtime;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.SingleThreadEventExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The answers of one worker on their way to the event loops of those who asked. To wake an event
 * loop costs as much as a small model's run, so answers of short turns wait for those that follow;
 * an event loop that is awake takes them meanwhile. On the worker's thread only.
 */
final class Replies {
  /** No answer waits longer for others, if turns take as long as the last one. */
  private static final long MAX_WAIT_NANOS = TimeUnit.MICROSECONDS.toNanos(200);

  private final LongSupplier nanoClock;
  private EventLoop sleeper;
  private long turnBegin;
  private long firstBegin;

  Replies(LongSupplier nanoClock) {
    this.nanoClock = nanoClock;
  }

  /** A turn begins that may bring an answer. */
  void beginTurn() {
    turnBegin = nanoClock.getAsLong();
  }

  /** Runs something on an event loop, now or with what follows. */
  void send(EventLoop loop, Runnable reply) {
    if (!(loop instanceof SingleThreadEventExecutor executor)) {
      loop.execute(reply);
      return;
    }
    if (sleeper != loop) {
      flush();
      sleeper = loop;
      firstBegin = turnBegin;
    }
    executor.lazyExecute(reply);
  }

  /** The turn is over: what waits goes, unless another turn like this one may come before. */
  void endTurn() {
    if (sleeper != null) {
      long now = nanoClock.getAsLong();
      if (now - firstBegin + (now - turnBegin) > MAX_WAIT_NANOS) {
        flush();
      }
    }
  }

  /** What waits goes. */
  void flush() {
    if (sleeper != null) {
      sleeper.execute(Replies::awake);
      sleeper = null;
    }
  }

  /** There is nothing to do but what was sent before. */
  private static void awake() {}
}
