package io.modelcontrol.session.transport;

import io.modelcontrol.wire.FrameEncoder;
import io.modelcontrol.wire.FrameHeader;
import io.modelcontrol.wire.FrameType;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;

/**
 * Frames on their way to a channel, as few buffers as pays: headers and small payloads are joined
 * by copy, because for a socket each buffer of a gathering write costs more than the copy; a large
 * payload goes by reference.
 */
final class FrameBatch {
  /** Up to this many bytes of a payload are cheaper copied than referred to. */
  private static final int JOINED_BYTES = 1024;

  /** What is joined is handed to the channel at this size. */
  private static final int MAX_BYTES = 16 * 1024;

  /** Room for a few frames without much payload. */
  private static final int MIN_BYTES = 256;

  /** This part of what is usual is forgotten with each time that less is joined. */
  private static final int FORGOTTEN_PART = 8;

  private final FrameEncoder encoder = new FrameEncoder();
  private final ChannelHandlerContext channel;
  private ByteBuf joined;

  /**
   * What is joined at once lately: room for as much is allocated, and not for more, so that a peer
   * who does not read makes us hold no more than some times what it does not read.
   */
  private int usualBytes = MIN_BYTES;

  FrameBatch(ChannelHandlerContext channel) {
    this.channel = channel;
  }

  /** Appends a frame and takes its payload over, of which it moves no index. */
  void add(FrameType type, int flags, int streamId, ByteBuf payload) {
    int length = payload.readableBytes();
    if (length <= JOINED_BYTES) {
      encoder.join(room(FrameHeader.LENGTH + length), type.code(), flags, streamId, payload);
      payload.release();
    } else {
      encoder.header(room(FrameHeader.LENGTH), type.code(), flags, streamId, payload);
      write();
      channel.write(payload.duplicate(), channel.voidPromise());
    }
  }

  private ByteBuf room(int bytes) {
    if (joined != null && joined.writableBytes() < bytes) {
      usualBytes = Math.min(MAX_BYTES, 2 * joined.capacity());
      write();
    }
    if (joined == null) {
      joined = channel.alloc().ioBuffer(Math.max(bytes, usualBytes));
    }
    return joined;
  }

  /** Hands to the channel what is joined. */
  void write() {
    if (joined != null) {
      usualBytes =
          Math.max(
              MIN_BYTES,
              Math.max(joined.readableBytes(), usualBytes - usualBytes / FORGOTTEN_PART));
      channel.write(joined, channel.voidPromise());
      joined = null;
    }
  }

  void release() {
    if (joined != null) {
      joined.release();
      joined = null;
    }
  }
}
