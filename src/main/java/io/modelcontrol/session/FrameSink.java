package io.modelcontrol.session;

import io.modelcontrol.wire.FrameType;
import io.netty.buffer.ByteBuf;

/** Where a session writes its frames: a transport, or a simulated network. */
public interface FrameSink {
  /**
   * Writes one frame, in order. The payload's ownership passes, but none of its indices may be
   * moved: others may hold it, too. An empty one may be null.
   */
  void write(FrameType type, int flags, int streamId, ByteBuf payload);

  /**
   * Whether more may be written without piling up; {@link Session#onWritable()} says when again.
   */
  boolean isWritable();

  /** How much less must be waiting before more may be written; 0 if more may be written. */
  default long bytesBeforeWritable() {
    return isWritable() ? 0 : 1;
  }

  /** A message was cut short, because its stream or the session has no credit left. */
  default void onCreditStall() {}

  /** Ends the transport after what was written so far. */
  void close();
}
