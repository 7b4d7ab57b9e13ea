package io.modelcontrol.session;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.wire.AckFrame;
import io.modelcontrol.wire.FrameType;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.ReferenceCountUtil;

/**
 * The session's way to its peer: over one connection, or, where both ends negotiated to resume,
 * over one after the other. Between two connections nothing can be sent; sequenced frames are kept
 * for the next one, all others are dropped. Contract 4 leaves resumption to the specification,
 * "Resume".
 */
final class Link implements FrameSink {
  /** Fewer new frames than these make a RECEIVED cost more than it tells. */
  private static final int WORTHWHILE_FRAMES = 16;

  private final ByteBufAllocator allocator;
  private final boolean openingOnly;
  private FrameSink transport;
  private FrameLog log;
  private Receipts receipts;
  private int outboundWindow;
  private boolean heard;

  /**
   * @param openingOnly whether this opens a connection for an earlier session: it says nothing but
   *     its handshake, since the peer may take anything else for that session's
   */
  Link(FrameSink transport, ByteBufAllocator allocator, boolean openingOnly) {
    this.transport = transport;
    this.allocator = allocator;
    this.openingOnly = openingOnly;
  }

  /** Both ends can resume: from now on sequenced frames are counted and kept. */
  void enableResume(int localSessionWindow, int remoteSessionWindow) {
    outboundWindow = remoteSessionWindow;
    receipts = new Receipts(localSessionWindow);
    log = new FrameLog(2L * remoteSessionWindow);
  }

  boolean isResumable() {
    return log != null;
  }

  boolean isAttached() {
    return transport != null;
  }

  /**
   * Whether the peer was heard on the last connection: it knows that it was connected. A PING may
   * be the answer to one that came before.
   */
  boolean isHeard() {
    return heard;
  }

  @Override
  public void write(FrameType type, int flags, int streamId, ByteBuf payloadOrNull) {
    if (openingOnly && !(type == FrameType.DATA && streamId == 0)) {
      ReferenceCountUtil.release(payloadOrNull);
      return;
    }
    if (log != null && type.isSequenced(streamId)) {
      boolean empty = payloadOrNull == null || !payloadOrNull.isReadable();
      log.add(type, flags, streamId, empty ? null : payloadOrNull.retain());
    }
    if (transport != null) {
      transport.write(type, flags, streamId, payloadOrNull);
    } else {
      ReferenceCountUtil.release(payloadOrNull);
    }
  }

  @Override
  public boolean isWritable() {
    return transport != null && (log == null || !log.isFull()) && transport.isWritable();
  }

  @Override
  public void onCreditStall() {
    if (transport != null) {
      transport.onCreditStall();
    }
  }

  @Override
  public long bytesBeforeWritable() {
    return transport == null ? 0 : transport.bytesBeforeWritable();
  }

  @Override
  public void close() {
    FrameSink last = detach();
    if (last != null) {
      last.close();
    }
    if (log != null) {
      log.release();
      log = null;
      receipts = null;
    }
  }

  /** The connection is gone, or goes elsewhere; {@code null} if there is none. */
  FrameSink detach() {
    FrameSink last = transport;
    transport = null;
    return last;
  }

  /** Goes on over a connection; the one before, if the session still has it, is closed. */
  void attach(FrameSink next) {
    FrameSink last = detach();
    if (last != null) {
      last.close();
    }
    transport = next;
    heard = false;
  }

  /** Whether the session can go on for a peer that has received so many frames. */
  boolean canResumeFrom(long peerReceived) {
    return log != null && log.covers(peerReceived);
  }

  /** Sends again what the peer has not received. */
  void replay(long peerReceived) {
    log.acknowledge(peerReceived);
    log.replay(transport);
  }

  /** A frame has arrived. */
  void onFrame(FrameType type, int streamId, int bytes, long nowNanos) {
    heard |= type != FrameType.PING;
    if (receipts != null && type.isSequenced(streamId)) {
      receipts.onFrame(bytes, nowNanos);
    }
  }

  /** Sequenced frames that have arrived. */
  long received() {
    return receipts.received();
  }

  /** Tells the peer what has arrived, if it is time to. */
  void tellIfDue(long nowNanos) {
    if (receipts != null && transport != null && receipts.isDue(nowNanos)) {
      tell();
    }
  }

  /** Tells the peer what has arrived. */
  void tell() {
    write(FrameType.RECEIVED, 0, 0, AckFrame.encode(receipts.tell(), allocator));
  }

  /** Tells the peer all that has arrived; whether the peer has told the same. */
  boolean settle() {
    if (log == null) {
      return true;
    }
    if (transport != null && receipts.hasUntold()) {
      tell();
    }
    return log.isEmpty();
  }

  /** Nanoseconds until the peer must be told what has arrived. */
  long untilTold(long nowNanos) {
    return receipts == null ? Long.MAX_VALUE : Math.max(0, receipts.untilDue(nowNanos));
  }

  /**
   * The peer told what it has received.
   *
   * @return whether that was worth a frame
   * @throws McpException PROTOCOL_ERROR, for the session, if it cannot have received that many
   */
  boolean onReceived(long peerReceived) {
    if (!log.covers(peerReceived)) {
      throw McpException.sessionError(
          ErrorCode.PROTOCOL_ERROR,
          "RECEIVED tells " + peerReceived + " frames, which is not what was sent");
    }
    long frames = peerReceived - log.acknowledged();
    long bytes = log.acknowledge(peerReceived);
    return frames >= WORTHWHILE_FRAMES || bytes >= outboundWindow / 4;
  }

  /** Bytes that are kept for the next connection. */
  long heldBytes() {
    return log == null ? 0 : log.bytes();
  }
}
