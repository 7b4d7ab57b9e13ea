package io.modelcontrol.session;

import io.modelcontrol.wire.FrameType;
import io.netty.buffer.ByteBuf;
import java.util.Arrays;

/**
 * The sequenced frames that were sent and of which the peer has not told that it has them: what the
 * session begins with when it goes on over another connection. Frames are counted from the begin of
 * the session. Holds references to the payloads, not copies.
 */
final class FrameLog {
  /** No more frames than these are sent ahead of what the peer has told. */
  private static final int MAX_FRAMES = 1 << 15;

  private static final int FIRST_CAPACITY = 16;
  private static final int TYPE_SHIFT = 40;

  /** Type, flags and stream id of each frame; a ring, its length a power of two. */
  private long[] headers = new long[FIRST_CAPACITY];

  private ByteBuf[] payloads = new ByteBuf[FIRST_CAPACITY];
  private int first;
  private int size;
  private long acknowledged;
  private long bytes;
  private long maxBytes;

  FrameLog(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  /** Sets how many bytes may be ahead of what the peer has told. */
  void limit(long newMaxBytes) {
    maxBytes = newMaxBytes;
  }

  /** Appends a frame and takes its payload over. */
  void add(FrameType type, int flags, int streamId, ByteBuf payloadOrNull) {
    if (size == headers.length) {
      grow();
    }
    int at = first + size++ & headers.length - 1;
    headers[at] =
        (long) type.code() << TYPE_SHIFT
            | (long) flags << Integer.SIZE
            | Integer.toUnsignedLong(streamId);
    payloads[at] = payloadOrNull;
    bytes += payloadOrNull == null ? 0 : payloadOrNull.readableBytes();
  }

  private void grow() {
    long[] moreHeaders = new long[2 * size];
    ByteBuf[] morePayloads = new ByteBuf[2 * size];
    for (int i = 0; i < size; i++) {
      int at = first + i & headers.length - 1;
      moreHeaders[i] = headers[at];
      morePayloads[i] = payloads[at];
    }
    headers = moreHeaders;
    payloads = morePayloads;
    first = 0;
  }

  /** Whether the peer can have received so many frames, and the rest is here. */
  boolean covers(long received) {
    return received >= acknowledged && received <= acknowledged + size;
  }

  /**
   * Forgets the frames that the peer has.
   *
   * @param received counted from the begin of the session; must be {@linkplain #covers covered}
   * @return the bytes of their payloads
   */
  long acknowledge(long received) {
    long before = bytes;
    while (acknowledged < received) {
      ByteBuf payload = payloads[first];
      if (payload != null) {
        bytes -= payload.readableBytes();
        payload.release();
        payloads[first] = null;
      }
      first = first + 1 & headers.length - 1;
      size--;
      acknowledged++;
    }
    return before - bytes;
  }

  /** Writes all frames that are left, in their order, and keeps them. */
  void replay(FrameSink sink) {
    for (int i = 0; i < size; i++) {
      int at = first + i & headers.length - 1;
      long header = headers[at];
      ByteBuf payload = payloads[at];
      sink.write(
          FrameType.of((int) (header >>> TYPE_SHIFT)),
          (int) (header >>> Integer.SIZE) & 0xFF,
          (int) header,
          payload == null ? null : payload.retain());
    }
  }

  /** Frames that the peer has told that it has. */
  long acknowledged() {
    return acknowledged;
  }

  /** Bytes of payloads that are held. */
  long bytes() {
    return bytes;
  }

  /** Whether the peer has told that it has everything. */
  boolean isEmpty() {
    return size == 0;
  }

  boolean isFull() {
    return size >= MAX_FRAMES || bytes >= maxBytes;
  }

  void release() {
    acknowledge(acknowledged + size);
    Arrays.fill(payloads, null);
  }
}
