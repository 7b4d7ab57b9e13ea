package io.modelcontrol.session;

import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.Iterator;

/**
 * Lets requests begin on a server as long as there is room for what they answer. A client that does
 * not take its answers is so held back before the work is done, not after: its requests wait, and
 * the credit for them with them. Specification, "Abuse".
 *
 * <p>Room is what this end announced as its session window. Answers count with what they hold
 * beyond what a stream may hold for good; those of requests that run, with what answers were large
 * lately: a session whose answers are small does not wait.
 */
final class Admission {
  private record Waiting(Stream stream, ByteBuf message) {}

  /** As long as no answer was seen, so many requests fill the room. */
  private static final int FIRST_REQUESTS = 16;

  /** This part of what is expected is forgotten with each answer that is smaller. */
  private static final int FORGOTTEN_PART = 4;

  private final SessionRole role;
  private final StreamLifecycle lifecycle;
  private final InboundWindow sessionWindow;
  private final HeldObjects held;
  private final long room;
  private final ArrayDeque<Waiting> waiting = new ArrayDeque<>(0);
  private long expectedBytes;
  private long heldBytes;
  private int running;

  /** A request may be answered while it is delivered, which drives the session again. */
  private boolean admitting;

  /**
   * @param sessionWindow that owes the credit for requests that have begun
   * @param held where requests that wait are counted
   * @param room bytes of answers
   */
  Admission(
      SessionRole role,
      StreamLifecycle lifecycle,
      InboundWindow sessionWindow,
      HeldObjects held,
      long room) {
    this.role = role;
    this.lifecycle = lifecycle;
    this.sessionWindow = sessionWindow;
    this.held = held;
    this.room = room;
    this.expectedBytes = room / FIRST_REQUESTS;
  }

  /** Delivers a message, unless it is a whole request that has to wait for room. */
  void deliver(Stream stream, ByteBuf messageOrNull, boolean endStream) {
    boolean first = !stream.begun;
    stream.begun = true;
    if (role == SessionRole.CLIENT || !first || !endStream || messageOrNull == null) {
      lifecycle.deliver(stream, messageOrNull, endStream);
    } else if (waiting.isEmpty() && hasRoom()) {
      begin(stream, messageOrNull);
    } else {
      ByteBuf kept = held.hold(messageOrNull);
      sessionWindow.withhold(kept.readableBytes());
      waiting.add(new Waiting(stream, kept));
    }
  }

  private boolean hasRoom() {
    return heldBytes + running * expectedBytes < room;
  }

  private void begin(Stream stream, ByteBuf request) {
    stream.answerExpected = true;
    running++;
    lifecycle.deliver(stream, request, true);
  }

  /** Delivers the requests that there is room for by now; whether that were any. */
  boolean admit() {
    if (admitting || waiting.isEmpty() || !hasRoom()) {
      return false;
    }
    admitting = true;
    do {
      Waiting next = waiting.poll();
      held.taken();
      sessionWindow.owe(next.message.readableBytes());
      begin(next.stream, next.message);
    } while (!waiting.isEmpty() && hasRoom());
    admitting = false;
    return true;
  }

  /** A message is about to be queued on a stream. */
  void onQueue(Stream stream, int bytes) {
    long before = beyond(stream.queuedBytes());
    long added = beyond(stream.queuedBytes() + bytes) - before;
    heldBytes += added;
    if (stream.answerExpected) {
      answered(stream);
      expectedBytes = Math.max(added, expectedBytes - expectedBytes / FORGOTTEN_PART);
    }
  }

  /** So many of the queued bytes of a stream were sent. */
  void onSent(Stream stream, int bytes) {
    long after = beyond(stream.queuedBytes());
    heldBytes -= beyond(stream.queuedBytes() + bytes) - after;
  }

  /** A stream has ended, and drops what it holds; whether credit is owed for that. */
  boolean onDropped(Stream stream) {
    heldBytes -= beyond(stream.queuedBytes());
    if (stream.answerExpected) {
      answered(stream);
    }
    for (Iterator<Waiting> all = waiting.iterator(); all.hasNext(); ) {
      Waiting next = all.next();
      if (next.stream == stream) {
        all.remove();
        held.taken();
        sessionWindow.owe(next.message.readableBytes());
        next.message.release();
        return true;
      }
    }
    return false;
  }

  private void answered(Stream stream) {
    stream.answerExpected = false;
    running--;
  }

  private static long beyond(long queuedBytes) {
    return Math.max(0, queuedBytes - SlowConsumers.PINNED_BYTES);
  }
}
