package io.modelcontrol.wire;

import io.netty.buffer.ByteBuf;

/**
 * Writes frame headers; header and payload go to the socket as two buffers and are never joined.
 * Contract 1. One for each connection; not thread-safe.
 */
public final class FrameEncoder {
  private final FrameCrc crc = new FrameCrc();

  /**
   * Appends the 16 bytes of a header for this payload, which is read but not consumed.
   *
   * @throws IllegalArgumentException if the payload does not fit into a frame
   */
  public void header(ByteBuf out, int type, int flags, int streamId, ByteBuf payload) {
    int length = payload.readableBytes();
    if (length > FrameHeader.MAX_PAYLOAD) {
      throw new IllegalArgumentException(
          "length " + length + " exceeds max frame payload " + FrameHeader.MAX_PAYLOAD);
    }
    assert (flags & ~0xF) == 0 && (type & ~0xFF) == 0 : "flags " + flags + ", type " + type;
    long first = FrameHeader.first(type, flags, length);
    out.ensureWritable(FrameHeader.LENGTH);
    out.writeLong(first);
    out.writeLong(FrameHeader.second(streamId, crcOf(first, streamId, payload, length)));
  }

  private int crcOf(long first, int streamId, ByteBuf payload, int length) {
    if (length == 0) {
      return FrameCrc.ofHeader(first, streamId);
    }
    crc.start(first, streamId);
    crc.update(payload, payload.readerIndex(), length);
    return crc.value();
  }
}
