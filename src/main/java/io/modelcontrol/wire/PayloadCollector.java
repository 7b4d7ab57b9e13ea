package io.modelcontrol.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;

/**
 * The payload of a frame that arrives in several reads. A piece that is a good part of the buffer
 * it came in is kept as a slice; others are copied together. So a peer that sends a byte at a time
 * pins no read buffer with each, and what is held stays in proportion to the bytes that arrived: at
 * most {@link #PINNED_FOR_EACH_BYTE} times as many.
 */
final class PayloadCollector {
  /** A smaller piece costs less to copy than to refer to. */
  private static final int SLICED_BYTES = 512;

  /** A slice is at least this fraction of the buffer that it keeps alive. */
  static final int PINNED_FOR_EACH_BYTE = 8;

  /** As many pieces as a payload can have if each second one is sliced. */
  private static final int MAX_PIECES = 2 * (FrameHeader.MAX_PAYLOAD / SLICED_BYTES + 1);

  private CompositeByteBuf pieces;

  /** The end of the payload so far, as long as it consists of copies. */
  private ByteBuf copied;

  private int bytes;

  /** Bytes that are held. */
  int bytes() {
    return bytes;
  }

  /** Reads the next piece of the payload. */
  void add(ByteBuf in, int length) {
    bytes += length;
    if (length >= SLICED_BYTES && length >= in.capacity() / PINNED_FOR_EACH_BYTE) {
      closeCopied();
      append(in.readRetainedSlice(length));
      return;
    }
    if (copied == null) {
      copied = in.alloc().buffer(length, FrameHeader.MAX_PAYLOAD);
    }
    copied.writeBytes(in, length);
  }

  /** The whole payload, which passes to the caller. */
  ByteBuf finish() {
    ByteBuf payload;
    if (pieces == null) {
      payload = copied == null ? Unpooled.EMPTY_BUFFER : copied;
    } else {
      closeCopied();
      payload = pieces;
    }
    pieces = null;
    copied = null;
    bytes = 0;
    return payload;
  }

  void release() {
    finish().release();
  }

  private void closeCopied() {
    if (copied != null) {
      append(copied);
      copied = null;
    }
  }

  private void append(ByteBuf piece) {
    if (pieces == null) {
      pieces = piece.alloc().compositeBuffer(MAX_PIECES);
    }
    pieces.addComponent(true, piece);
  }
}
