package io.modelcontrol.session;

import io.modelcontrol.McpException;
import io.modelcontrol.wire.ErrorFields;
import io.modelcontrol.wire.FrameType;
import io.netty.buffer.ByteBufAllocator;

/**
 * How a session comes to a planned end: either side has sent GOAWAY, and the streams that are open
 * may end. Contract 1, GOAWAY.
 */
final class Drain {
  private final FrameSink sink;
  private final StreamTable streams;
  private final ByteBufAllocator allocator;
  private boolean announced;
  private boolean heard;

  Drain(FrameSink sink, StreamTable streams, ByteBufAllocator allocator) {
    this.sink = sink;
    this.streams = streams;
    this.allocator = allocator;
  }

  /** Tells the peer the last stream that was accepted, and maybe why the session ends. */
  void announce(McpException errorOrNull) {
    announced = true;
    sink.write(
        FrameType.GOAWAY,
        0,
        0,
        ErrorFields.encodeGoaway(streams.lastRemoteId(), errorOrNull, allocator));
  }

  /** Whether this end has announced that it accepts no more streams. */
  boolean isAnnounced() {
    return announced;
  }

  /** The peer accepts no more streams. */
  void onHeard() {
    heard = true;
  }

  boolean isUnderWay() {
    return announced || heard;
  }

  /** Whether what is drained has nothing left. */
  boolean isDone() {
    return isUnderWay() && streams.isEmpty();
  }
}
