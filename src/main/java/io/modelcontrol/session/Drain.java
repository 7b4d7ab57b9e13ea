package io.modelcontrol.session;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.wire.ErrorFields;
import io.modelcontrol.wire.FrameType;
import io.netty.buffer.ByteBufAllocator;

/**
 * How a session comes to a planned end: either side has sent GOAWAY, and the streams that are open
 * may end. Contract 1, GOAWAY.
 */
final class Drain {
  private final Link link;
  private final StreamTable streams;
  private final ByteBufAllocator allocator;
  private boolean announced;
  private boolean heard;

  Drain(Link link, StreamTable streams, ByteBufAllocator allocator) {
    this.link = link;
    this.streams = streams;
    this.allocator = allocator;
  }

  /** Tells the peer the last stream that was accepted, and maybe why the session ends. */
  void announce(McpException errorOrNull) {
    announced = true;
    link.write(
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

  /** Whether nothing is left: no stream, and nothing that either end may have to send again. */
  boolean isDone() {
    return isUnderWay() && streams.isEmpty() && link.settle();
  }

  /** What a peer that could resume the session is told: that nothing is left to resume. */
  static McpException closed() {
    return McpException.sessionError(ErrorCode.NETWORK_CONNECTION_CLOSED, "the session was closed");
  }
}
