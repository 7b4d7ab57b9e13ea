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

  /**
   * So many frames are flushed without waiting for the end of the batch that was read: the peer
   * begins with them while this end goes on, instead of one of the two waiting for the other.
   */
  private static final int DUE_FRAMES = 32;

  /**
   * So many bytes may be written before they are flushed, at the most. A socket that took the last
   * bytes at once is given twice as many the next time: each flush wakes the peer, which costs more
   * than the copy. One that did not gets no more than Netty's watermark, so that a small message
   * does not stand behind a large one here.
   */
  private static final int MAX_UNFLUSHED_BYTES = 1 << 20;

  private final FrameEncoder encoder = new FrameEncoder();
  private final ChannelHandlerContext channel;
  private ByteBuf joined;

  /**
   * What is joined at once lately: room for as much is allocated, and not for more, so that a peer
   * who does not read makes us hold no more than some times what it does not read.
   */
  private int usualBytes = MIN_BYTES;

  private int unflushedFrames;
  private int unflushedBytes;

  /** So many bytes the socket may take at once by what it did lately. */
  private int roomBytes;

  FrameBatch(ChannelHandlerContext channel) {
    this.channel = channel;
  }

  /** Appends a frame and takes its payload over, of which it moves no index. */
  void add(FrameType type, int flags, int streamId, ByteBuf payload) {
    int length = payload.readableBytes();
    unflushedFrames++;
    unflushedBytes += FrameHeader.LENGTH + length;
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

  /** Whether what was added should not wait any longer. */
  boolean isDue() {
    return unflushedFrames >= DUE_FRAMES;
  }

  /** Whether the channel may hold more than it likes to, as the socket will take it at once. */
  boolean hasRoom() {
    return unflushedBytes < roomBytes;
  }

  /** Sends what was added. */
  void flush() {
    unflushedFrames = 0;
    unflushedBytes = 0;
    write();
    channel.flush();
  }

  /** Sends what was added, as there is no room for more, and sees how much the socket takes. */
  void flushFull() {
    int written = unflushedBytes;
    flush();
    long free = channel.channel().bytesBeforeUnwritable();
    boolean taken = free >= channel.channel().config().getWriteBufferHighWaterMark();
    roomBytes = taken ? Math.min(MAX_UNFLUSHED_BYTES, 2 * written) : 0;
  }

  void release() {
    if (joined != null) {
      joined.release();
      joined = null;
    }
  }
}
