package io.modelcontrol.wire;

import io.netty.buffer.ByteBuf;

/** Takes the frames that a {@link FrameDecoder} found, in order and on its thread. */
public interface FrameListener {
  /**
   * A whole frame whose CRC is right. The payload passes to the listener, who releases it; it is a
   * slice of the buffer that was read, or a composite of such slices, and may be empty.
   *
   * @param streamId unsigned
   */
  void onFrame(FrameType type, int flags, int streamId, ByteBuf payload);

  /** An extension frame, type 0x80 to 0xFF, was skipped; its CRC was right. */
  default void onExtension(int type) {}
}
