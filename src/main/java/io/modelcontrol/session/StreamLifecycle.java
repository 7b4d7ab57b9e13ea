package io.modelcontrol.session;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.wire.AckFrame;
import io.modelcontrol.wire.ErrorFields;
import io.modelcontrol.wire.FrameType;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.function.Predicate;

/** How the streams of a session begin and end, and who is told. Contract 2. */
final class StreamLifecycle {
  private final Session session;
  private final SessionConfig config;
  private final StreamTable streams;
  private final AbuseGuard guard;
  private final FrameSink sink;
  private final SessionListener listener;
  private final ByteBufAllocator allocator;

  StreamLifecycle(
      Session session,
      SessionConfig config,
      StreamTable streams,
      AbuseGuard guard,
      FrameSink sink,
      SessionListener listener,
      ByteBufAllocator allocator) {
    this.session = session;
    this.config = config;
    this.streams = streams;
    this.guard = guard;
    this.sink = sink;
    this.listener = listener;
    this.allocator = allocator;
  }

  /** Opens a stream of this end, which has no id yet. */
  Stream open() {
    Stream stream = newStream(0);
    streams.addUnnumbered(stream);
    return stream;
  }

  /**
   * Accepts a stream that the peer opens.
   *
   * @throws McpException REFUSED_STREAM, for the stream, if there is no place for it
   */
  Stream accept(int streamId) {
    if (session.isDraining() || streams.remoteOpen() >= config.limits().maxConcurrentStreams()) {
      streams.rememberReset(streamId);
      throw McpException.streamError(
          ErrorCode.REFUSED_STREAM,
          session.isDraining()
              ? "the session is being drained"
              : "more than " + config.limits().maxConcurrentStreams() + " streams are open");
    }
    Stream stream = newStream(streamId);
    streams.addRemote(stream);
    return stream;
  }

  private Stream newStream(int streamId) {
    return new Stream(
        streamId, config.limits().streamWindow(), session.remoteLimits().streamWindow());
  }

  void deliver(Stream stream, ByteBuf message, boolean endStream) {
    listener.onMessage(stream, message, endStream);
    afterTransition(stream);
  }

  /** Gives the peer the credit that it is owed, if it is worth a frame. */
  void grant(Stream stream) {
    int credit = stream.inbound.takeCredit(session.nowNanos());
    if (credit > 0) {
      sink.write(FrameType.ACK, 0, stream.id(), AckFrame.encode(credit, allocator));
    }
  }

  /** The reader of a stream has paused, or reads on: what it is owed is granted then. */
  void reading(Stream stream, boolean reading) {
    stream.reading(reading);
    if (reading && stream.state().canReceive()) {
      stream.inbound.owe(stream.takeUnreadBytes());
      stream.postpone(session.nowNanos() + config.timeouts().messageNanos());
      grant(stream);
    }
  }

  /** Gives the peer credit for the session. */
  void grantSession(int credit) {
    sink.write(FrameType.ACK, 0, 0, AckFrame.encode(credit, allocator));
  }

  /** A frame of the stream was sent. */
  void onSent(Stream stream) {
    if (stream.drainWanted && stream.queuedBytes() <= session.remoteLimits().streamWindow() / 4) {
      stream.drainWanted = false;
      listener.onDrained(stream);
    }
    afterTransition(stream);
  }

  private void afterTransition(Stream stream) {
    if (stream.state() == StreamState.CLOSED && streams.get(stream.id()) == stream) {
      drop(stream);
      listener.onStreamClosed(stream);
      session.closeIfDrained();
    }
  }

  /** Ends a stream of this end's own accord; does nothing if it has ended. */
  void reset(Stream stream, McpException error) {
    if (stream.state() != StreamState.CLOSED) {
      giveUp(stream, error);
      listener.onStreamClosed(stream);
      session.closeIfDrained();
    }
  }

  /** An error that the peer has made: on its stream, or for the whole session. */
  void onError(int streamId, McpException error) {
    Stream stream = streamId == 0 ? null : streams.get(streamId);
    boolean wholeSession = error.scope() == McpException.Scope.SESSION || streamId == 0;
    if (wholeSession || !session.state().isNegotiated()) {
      session.fail(error);
    } else if (stream != null) {
      fail(stream, error);
    } else {
      writeReset(streamId, error);
    }
  }

  /** Ends a stream for an error that the peer has to answer for. */
  void fail(Stream stream, McpException error) {
    if (stream.state() == StreamState.CLOSED) {
      return;
    }
    giveUp(stream, error);
    listener.onReset(stream, error);
    listener.onStreamClosed(stream);
    session.closeIfDrained();
  }

  /** The peer has ended a stream, or has never seen it. */
  void endedByPeer(Stream stream, McpException error) {
    close(stream);
    listener.onReset(stream, error);
    listener.onStreamClosed(stream);
  }

  /** Ends some streams; what is told of one may lead its listener to end others. */
  void endEach(Predicate<Stream> which, McpException reason) {
    for (Stream stream : streams.snapshot()) {
      if (stream.state() != StreamState.CLOSED && which.test(stream)) {
        endedByPeer(stream, reason);
      }
    }
  }

  private void close(Stream stream) {
    stream.transition(StreamState.CLOSED);
    drop(stream);
  }

  private void giveUp(Stream stream, McpException error) {
    close(stream);
    if (stream.isKnownToPeer() && session.state().canSend()) {
      streams.rememberReset(stream.id());
      writeReset(stream.id(), error);
    }
  }

  private void drop(Stream stream) {
    streams.remove(stream);
    session.forget(stream);
    stream.release();
  }

  private void writeReset(int streamId, McpException error) {
    sink.write(FrameType.RESET, 0, streamId, ErrorFields.encodeReset(error, allocator));
    if (config.role() == SessionRole.CLIENT) {
      return;
    }
    try {
      guard.onReset(session.nowNanos());
    } catch (McpException e) {
      session.fail(e);
    }
  }
}
