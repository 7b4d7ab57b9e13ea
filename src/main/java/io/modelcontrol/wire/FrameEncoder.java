package io.modelcontrol.wire;

import io.netty.buffer.ByteBuf;

/**
 * Writes frames: the header alone, for a payload that goes to the socket as a buffer of its own, or
 * both joined. Contract 1. One for each connection; not thread-safe.
 */
public final class FrameEncoder {
  private final FrameCrc crc = new FrameCrc();

  /**
   * Appends the 16 bytes of a header for this payload, which is read but not consumed.
   *
   * @throws IllegalArgumentException if the payload does not fit into a frame
   */
  public void header(ByteBuf out, int type, int flags, int streamId, ByteBuf payload) {
    int length = checkLength(payload);
    long first = first(type, flags, length);
    out.ensureWritable(FrameHeader.LENGTH);
    out.writeLong(first);
    out.writeLong(
        FrameHeader.second(
            streamId, crcOf(first, streamId, payload, payload.readerIndex(), length)));
  }

  /**
   * Appends header and payload, which is read but not consumed.
   *
   * @throws IllegalArgumentException if the payload does not fit into a frame
   */
  public void join(ByteBuf out, int type, int flags, int streamId, ByteBuf payload) {
    int length = checkLength(payload);
    long first = first(type, flags, length);
    out.ensureWritable(FrameHeader.LENGTH + length);
    int start = out.writerIndex();
    out.setLong(start, first);
    copy(payload, length, out, start + FrameHeader.LENGTH);
    int crc = crcOf(first, streamId, out, start + FrameHeader.LENGTH, length);
    out.setLong(start + Long.BYTES, FrameHeader.second(streamId, crc));
    out.writerIndex(start + FrameHeader.LENGTH + length);
  }

  /** From an array without a view of it, which is an object more. */
  private static void copy(ByteBuf from, int length, ByteBuf to, int index) {
    if (from.hasArray()) {
      to.setBytes(index, from.array(), from.arrayOffset() + from.readerIndex(), length);
    } else {
      to.setBytes(index, from, from.readerIndex(), length);
    }
  }

  private static int checkLength(ByteBuf payload) {
    int length = payload.readableBytes();
    if (length > FrameHeader.MAX_PAYLOAD) {
      throw new IllegalArgumentException(
          "length " + length + " exceeds max frame payload " + FrameHeader.MAX_PAYLOAD);
    }
    return length;
  }

  private static long first(int type, int flags, int length) {
    assert (flags & ~0xF) == 0 && (type & ~0xFF) == 0 : "flags " + flags + ", type " + type;
    return FrameHeader.first(type, flags, length);
  }

  private int crcOf(long first, int streamId, ByteBuf bytes, int index, int length) {
    if (length == 0) {
      return FrameCrc.ofHeader(first, streamId);
    }
    crc.start(first, streamId);
    crc.update(bytes, index, length);
    return crc.value();
  }
}
