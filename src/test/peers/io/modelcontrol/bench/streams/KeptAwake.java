package io.modelcontrol.bench.streams;

import io.netty.channel.EventLoop;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Keeps event loops from sleeping: each turn of a loop schedules another one at once, so that it
 * looks for events without waiting, and no core has to be woken.
 */
final class KeptAwake implements AutoCloseable {
  private volatile boolean ended;

  KeptAwake(List<EventLoop> loops) {
    loops.forEach(loop -> loop.execute(() -> turn(loop)));
  }

  /** A scheduled task runs in the next turn; a submitted one would keep this turn from its end. */
  private void turn(EventLoop loop) {
    if (!ended) {
      loop.schedule(() -> turn(loop), 0, TimeUnit.NANOSECONDS);
    }
  }

  @Override
  public void close() {
    ended = true;
  }
}
