package io.modelcontrol.session;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.wire.AckFrame;
import io.modelcontrol.wire.ErrorFields;
import io.modelcontrol.wire.FrameHeader;
import io.modelcontrol.wire.FrameType;
import io.netty.buffer.ByteBuf;

/** What the peer's ACK, RESET, PING and GOAWAY frames do to a session. Contract 1 and 2. */
final class ControlFrames {
  private final Session session;
  private final StreamLifecycle lifecycle;
  private final StreamTable streams;
  private final AbuseGuard guard;
  private final Link link;
  private final SessionListener listener;

  ControlFrames(
      Session session,
      StreamLifecycle lifecycle,
      StreamTable streams,
      AbuseGuard guard,
      Link link,
      SessionListener listener) {
    this.session = session;
    this.lifecycle = lifecycle;
    this.streams = streams;
    this.guard = guard;
    this.link = link;
    this.listener = listener;
  }

  /**
   * Handles a frame that is not DATA, and releases its payload.
   *
   * @throws McpException for the stream or the session, as its scope says
   */
  void onFrame(FrameType type, int flags, int streamId, ByteBuf payload) {
    try {
      if (!session.state().isNegotiated() && needsNegotiation(type)) {
        throw McpException.sessionError(
            ErrorCode.PROTOCOL_ERROR, type + " before the session was negotiated");
      }
      switch (type) {
        case ACK -> onAck(streamId, AckFrame.decode(payload));
        case RESET -> onReset(streamId, ErrorFields.decodeReset(payload));
        case PING -> onPing(flags, payload);
        case GOAWAY -> onGoaway(ErrorFields.decodeGoaway(payload));
        case RECEIVED -> onReceived(payload);
        default ->
            throw McpException.sessionError(
                ErrorCode.PROTOCOL_ERROR, type + " is not a frame of this transport");
      }
    } finally {
      payload.release();
    }
  }

  private static boolean needsNegotiation(FrameType type) {
    return type != FrameType.GOAWAY && type != FrameType.RECEIVED;
  }

  /** A frame of a type that nobody here knows: skipped, but not without end. */
  void onExtension() {
    try {
      guard.onControl(session.nowNanos());
    } catch (McpException e) {
      session.fail(e);
    }
  }

  /** An extension of no meaning where resume was not negotiated. */
  private void onReceived(ByteBuf payload) {
    boolean worthwhile = link.isResumable() && link.onReceived(AckFrame.decode(payload));
    if (!worthwhile) {
      guard.onControl(session.nowNanos());
    }
    session.runOutbound();
    session.closeIfDrained();
  }

  private void onAck(int streamId, long credit) {
    if (credit < InboundWindow.SMALL_CREDIT) {
      guard.onControl(session.nowNanos());
    }
    if (streamId == 0) {
      if (!session.grantOutbound(credit)) {
        throw McpException.sessionError(
            ErrorCode.FLOW_CONTROL, "credit lifts the session window above 2147483647 bytes");
      }
      return;
    }
    Stream stream = known(streamId);
    if (stream == null) {
      return;
    }
    if (!stream.outbound.grant(credit)) {
      throw McpException.streamError(
          ErrorCode.FLOW_CONTROL, "credit lifts the stream window above 2147483647 bytes");
    }
    session.offer(stream);
  }

  private void onReset(int streamId, McpException error) {
    if (streamId == 0) {
      throw McpException.sessionError(ErrorCode.PROTOCOL_ERROR, "RESET of stream 0");
    }
    guard.onReset(session.nowNanos());
    Stream stream = known(streamId);
    if (stream != null) {
      lifecycle.endedByPeer(stream, error);
      session.closeIfDrained();
    }
  }

  /** The open stream of an id; null if it has ended; an error if it never was. */
  private Stream known(int streamId) {
    Stream stream = streams.get(streamId);
    if (stream == null && !streams.wasOpened(streamId)) {
      throw McpException.sessionError(
          ErrorCode.PROTOCOL_ERROR,
          "stream " + Integer.toUnsignedString(streamId) + " was never opened");
    }
    return stream;
  }

  private void onPing(int flags, ByteBuf payload) {
    if ((flags & FrameHeader.REPLY) != 0) {
      if (payload.readableBytes() == Long.BYTES) {
        listener.onPong(payload.readLong());
      }
      return;
    }
    guard.onControl(session.nowNanos());
    if (!link.isWritable()) {
      guard.onUnsentReply();
    }
    link.write(FrameType.PING, FrameHeader.REPLY, 0, payload.retainedDuplicate());
  }

  private void onGoaway(ErrorFields.Goaway goaway) {
    if (goaway.error() != null) {
      session.end(goaway.error());
      return;
    }
    session.onPeerDrains();
    McpException refused =
        McpException.streamError(
            ErrorCode.REFUSED_STREAM, "the peer drains the session and has not seen the request");
    lifecycle.endEach(stream -> streams.isLocalAbove(stream, goaway.lastStreamId()), refused);
    session.closeIfDrained();
  }
}
