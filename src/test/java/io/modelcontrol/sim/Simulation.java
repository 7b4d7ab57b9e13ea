package io.modelcontrol.sim;

import io.modelcontrol.session.FrameSink;
import io.modelcontrol.session.SessionState;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;

/** The world of one seed: its time, its chance, its memory, and what is due when. */
final class Simulation {
  private static final int MOST_EVENTS = 400_000;

  private record Event(long at, long order, boolean timer, Runnable action)
      implements Comparable<Event> {
    @Override
    public int compareTo(Event other) {
      return at != other.at ? Long.compare(at, other.at) : Long.compare(order, other.order);
    }
  }

  final long seed;
  final SplittableRandom random;
  final Tally tally;
  final Content content;
  final UnaryOperator<FrameSink> sinks;
  private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false, true);
  private final PriorityQueue<Event> events = new PriorityQueue<>();
  private final List<SessionEnd> ends = new ArrayList<>();
  private final List<String> trace;
  private long nowNanos;
  private long order;
  private int actions;

  /**
   * @param sinks put in front of each connection, to do damage; identity for none
   * @param tracing whether what happens is written down
   */
  Simulation(
      long seed, Tally tally, Content content, UnaryOperator<FrameSink> sinks, boolean tracing) {
    this.seed = seed;
    this.random = new SplittableRandom(seed);
    this.tally = tally;
    this.content = content;
    this.sinks = sinks;
    this.trace = tracing ? new ArrayList<>() : null;
  }

  ByteBufAllocator allocator() {
    return allocator;
  }

  long heldBytes() {
    return allocator.metric().usedHeapMemory() + allocator.metric().usedDirectMemory();
  }

  long nowNanos() {
    return nowNanos;
  }

  void add(SessionEnd end) {
    ends.add(end);
  }

  /** Sessions that have not ended. */
  int openSessions() {
    int open = 0;
    for (int i = 0; i < ends.size(); i++) {
      open += ends.get(i).session.state() == SessionState.CLOSED ? 0 : 1;
    }
    return open;
  }

  /** Something that happens by itself: the world is not at rest before it did. */
  void after(long nanos, Runnable action) {
    actions++;
    events.add(new Event(nowNanos + nanos, order++, false, action));
  }

  /** A timer of a session: the world may be at rest although one is set. */
  void timer(long nanos, Runnable action) {
    events.add(new Event(nowNanos + nanos, order++, true, action));
  }

  boolean isAtRest() {
    return actions == 0;
  }

  /** Does the next thing; false if there is none before that time. */
  boolean step(long untilNanos) {
    Event next = events.peek();
    if (next == null || next.at > untilNanos) {
      nowNanos = Math.max(nowNanos, untilNanos);
      return false;
    }
    events.poll();
    nowNanos = next.at;
    if (!next.timer) {
      actions--;
    }
    check(order < MOST_EVENTS, "the world does not come to rest");
    next.action.run();
    return true;
  }

  boolean isTracing() {
    return trace != null;
  }

  void trace(String what) {
    trace.add(String.format("%12.6f s  %s", nowNanos / 1e9, what));
  }

  List<String> traced() {
    return trace;
  }

  /** Something that must hold. */
  static void check(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what);
    }
  }
}
