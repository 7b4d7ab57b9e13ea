package io.modelcontrol.session;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.wire.FrameListener;
import io.modelcontrol.wire.FrameType;
import io.modelcontrol.wire.Limits;
import io.modelcontrol.wire.Negotiation;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.List;

/**
 * One end of a session: takes frames and the time, gives frames and events. Contract 2 and 4.
 *
 * <p>Pure: whoever drives it owns the socket, the clock and the thread. It is not thread-safe. The
 * order of a drive is {@link #advance} with the present time, then any of the {@code on...} and
 * acting methods. An error of one stream resets that stream; an error of the session is told to the
 * peer by GOAWAY and closes it. No method throws what the peer did wrong.
 */
public final class Session implements FrameListener {
  private final SessionConfig config;
  private final Link link;
  private final SessionListener listener;
  private final ByteBufAllocator allocator;
  private final Handshake handshake;
  private final Liveness liveness;
  private final AbuseGuard guard = new AbuseGuard();
  private final OutboundWindow outboundWindow =
      new OutboundWindow(SessionConfig.MIN_SESSION_WINDOW);
  private final OutboundScheduler outbound;
  private final StreamTable streams;
  private final Inbound inbound;
  private final StreamLifecycle lifecycle;
  private final ControlFrames control;
  private final Drain drain;
  private final Resumption resumption;
  private Limits remoteLimits = Negotiator.effective(null);
  private SessionState state = SessionState.IDLE;
  private long nowNanos;

  public Session(
      SessionConfig config, FrameSink sink, SessionListener listener, ByteBufAllocator allocator) {
    this.config = config;
    this.link = new Link(sink, allocator, config.resume() != null);
    this.listener = listener;
    this.allocator = allocator;
    this.liveness = new Liveness(config.timeouts());
    this.handshake =
        new Handshake(
            config, new Opening(this, config, link, liveness, outboundWindow, listener, allocator));
    this.streams = new StreamTable(config.role());
    this.lifecycle = new StreamLifecycle(this, config, streams, guard, link, listener, allocator);
    this.inbound = new Inbound(this, lifecycle, config, streams, guard, allocator);
    this.outbound =
        new OutboundScheduler(
            config, link, outboundWindow, lifecycle, inbound.admission(), liveness);
    this.control = new ControlFrames(this, lifecycle, streams, guard, link, listener);
    this.drain = new Drain(link, streams, allocator);
    this.resumption = new Resumption(this, config, link, handshake, liveness, inbound, streams);
  }

  public SessionState state() {
    return state;
  }

  /** Who the peer, or on a client this end, was authenticated as; empty before. */
  public String identity() {
    return handshake.identity();
  }

  public List<String> roles() {
    return handshake.roles();
  }

  /** What the peer offered or selected; {@code null} before it did. */
  public Negotiation remoteNegotiation() {
    return handshake.remote();
  }

  /** Whether both ends have a capability. */
  public boolean isSelected(String capability) {
    return handshake.isSelected(capability);
  }

  /** What the peer accepts. */
  public Limits remoteLimits() {
    return remoteLimits;
  }

  /** Streams that are open, of both ends. */
  public int openStreams() {
    return streams.localOpen() + streams.remoteOpen();
  }

  /** Sets the time and does what is due. Returns nanoseconds until it must be called again. */
  public long advance(long newNowNanos) {
    nowNanos = newNowNanos;
    inbound.admit();
    if (!state.canSend() || !link.isAttached()) {
      return Long.MAX_VALUE;
    }
    try {
      if (liveness.check(nowNanos)) {
        link.write(FrameType.PING, 0, 0, null);
      }
      link.tellIfDue(nowNanos);
      inbound.checkOverdue(nowNanos);
      outbound.checkStalled(nowNanos);
    } catch (McpException e) {
      onTimeUp(e);
      return Long.MAX_VALUE;
    }
    long next = inbound.untilNextCheck(liveness.untilNextCheck(nowNanos));
    return Math.min(outbound.untilNextCheck(nowNanos, next), link.untilTold(nowNanos));
  }

  private void onTimeUp(McpException error) {
    if (state == SessionState.HANDSHAKING) {
      // A peer that has said nothing valid gets no answer: it may speak another protocol.
      end(error);
    } else if (error.code() == ErrorCode.NETWORK_TIMEOUT && resumption.isPossible()) {
      resumption.detach(listener, error);
    } else {
      fail(error);
    }
  }

  /** The owner begins to connect the transport. */
  public void connect() {
    transition(SessionState.CONNECTING);
  }

  /** The transport is connected, with TLS after its handshake. */
  public void onConnected() {
    transition(SessionState.HANDSHAKING);
    liveness.onConnected(nowNanos);
    if (config.role() == SessionRole.CLIENT) {
      handshake.start();
    }
  }

  /** Told by the transport after each read: whether it holds bytes of an unfinished frame. */
  public void onPartialFrame(boolean partial, boolean headerDone) {
    liveness.onPartialFrame(partial, headerDone, nowNanos);
  }

  /** The transport is gone: the end of the session, unless it can go on over another one. */
  public void onDisconnected(McpException error) {
    if (resumption.isPossible()) {
      resumption.detach(listener, error);
    } else {
      end(error);
    }
  }

  /** How the session goes on over another connection. */
  public Resumption resumption() {
    return resumption;
  }

  /** The transport takes frames again. */
  public void onWritable() {
    guard.onWritable();
    outbound.run();
  }

  @Override
  public void onFrame(FrameType type, int flags, int streamId, ByteBuf payload) {
    if (!state.canSend()) {
      payload.release();
      return;
    }
    liveness.onHeard(nowNanos);
    liveness.onFrame();
    link.onFrame(type, streamId, payload.readableBytes(), nowNanos);
    try {
      if (type == FrameType.DATA) {
        inbound.onData(flags, streamId, payload);
      } else {
        control.onFrame(type, flags, streamId, payload);
      }
    } catch (McpException e) {
      lifecycle.onError(streamId, e);
    }
    link.tellIfDue(nowNanos);
  }

  @Override
  public void onExtension(int type) {
    control.onExtension();
  }

  /** Opens a stream; it gets its id, and the peer hears of it, with its first message. */
  public Stream openStream() {
    if (!canOpenStream()) {
      throw McpException.streamError(
          ErrorCode.REFUSED_STREAM, "no stream can be opened on this session now");
    }
    return lifecycle.open();
  }

  /** Whether the session is Ready, not draining, and below the peer's limit of streams. */
  public boolean canOpenStream() {
    return state == SessionState.READY
        && !drain.isUnderWay()
        && streams.localOpen() < remoteLimits.maxConcurrentStreams()
        && streams.hasLocalIds();
  }

  public boolean send(Stream stream, ByteBuf message, boolean endStream) {
    return send(stream, message, endStream, false);
  }

  /**
   * Queues a whole message on a stream and takes it over; it is sent as credit and transport allow.
   *
   * @param message its bytes; an empty one where only the end is to be told
   * @param compressed whether these are what it was compressed to
   * @return whether the message may be sent at all: false if the stream has ended
   * @throws McpException MESSAGE_TOO_LARGE if the peer does not accept a message of this size
   */
  public boolean send(Stream stream, ByteBuf message, boolean endStream, boolean compressed) {
    if (!stream.state().canSend() || stream.isEndQueued()) {
      message.release();
      return false;
    }
    int size = message.readableBytes();
    if (size > remoteLimits.maxMessageSize()) {
      message.release();
      throw McpException.streamError(
          ErrorCode.MESSAGE_TOO_LARGE,
          "message of " + size + " bytes, the peer accepts " + remoteLimits.maxMessageSize());
    }
    if (stream.id() == 0) {
      streams.number(stream);
    }
    outbound.queue(stream, message, endStream, compressed);
    return true;
  }

  /**
   * Asks for {@link SessionListener#onDrained} once half of the peer's window is queued or less.
   */
  public boolean isFull(Stream stream) {
    return stream.isFull(remoteLimits.streamWindow() / 2);
  }

  /** Stops or restarts granting credit to the peer on a stream: its reader's back-pressure. */
  public void reading(Stream stream, boolean reading) {
    lifecycle.reading(stream, reading);
  }

  /** Ends a stream both ways and tells the peer why; does nothing if it has ended. */
  public void reset(Stream stream, McpException error) {
    lifecycle.reset(stream, error);
  }

  /**
   * Server only: the credential is good.
   *
   * @param token to resume the session with; {@code null} for none
   */
  public void acceptAuth(String identity, List<String> roles, byte[] token) {
    if (state == SessionState.AUTH_PENDING) {
      handshake.accept(identity, roles, token);
    }
  }

  /** Server only: the credential is not good; the session ends. */
  public void refuseAuth(McpException error) {
    if (state == SessionState.AUTH_PENDING) {
      handshake.refuse(error);
      fail(error);
    }
  }

  /** Sends a ping with an opaque number, which {@link SessionListener#onPong} brings back. */
  public void ping(long payload) {
    if (state.isNegotiated()) {
      link.write(FrameType.PING, 0, 0, allocator.buffer(Long.BYTES).writeLong(payload));
    }
  }

  /** Drains: tells the peer, refuses new streams, and closes when the open ones have ended. */
  public void shutdown() {
    if (!state.canSend()) {
      end(null);
      return;
    }
    if (!drain.isAnnounced()) {
      drain.announce(null);
    }
    closeIfDrained();
  }

  /** Closes now: open streams fail. */
  public void close() {
    if (state.canSend() && (link.isResumable() || !drain.isAnnounced())) {
      drain.announce(link.isResumable() ? Drain.closed() : null);
    }
    end(null);
  }

  /** An error of the session, such as bytes that are no frames: told to the peer, then closed. */
  public void fail(McpException error) {
    if (state.canSend()) {
      drain.announce(error);
    }
    end(error);
  }

  /** A whole message on stream 0. */
  void onSessionMessage(ByteBuf bytes) {
    handshake.onMessage(bytes, state);
  }

  long nowNanos() {
    return nowNanos;
  }

  /** The peer gave credit for the session, so that more may be sent. */
  boolean grantOutbound(long credit) {
    boolean granted = outboundWindow.grant(credit);
    outbound.run();
    return granted;
  }

  /** More may be sent than before. */
  void runOutbound() {
    outbound.run();
  }

  /** The peer gave credit for a stream. */
  void offer(Stream stream) {
    outbound.offer(stream);
    outbound.run();
  }

  /** The peer accepts no more streams. */
  void onPeerDrains() {
    drain.onHeard();
    listener.onGoaway(null);
  }

  /** Whether either end has announced that it accepts no more streams, so neither opens one. */
  boolean isDraining() {
    return drain.isUnderWay();
  }

  void forget(Stream stream) {
    inbound.forget(stream);
  }

  /** Ends the session once its last stream has ended, if either end drains. */
  void closeIfDrained() {
    if (drain.isDone()) {
      end(null);
    }
  }

  /** Ends the session without a word to the peer. */
  void end(McpException errorOrNull) {
    if (state == SessionState.CLOSED) {
      return;
    }
    transition(SessionState.CLOSED);
    inbound.release();
    McpException reason = errorOrNull != null ? errorOrNull : Drain.closed();
    lifecycle.endEach(stream -> true, reason);
    link.close();
    listener.onClosed(errorOrNull);
  }

  /** The peer has told what it accepts. */
  void negotiated(Limits limits) {
    remoteLimits = limits;
    transition(SessionState.AUTH_PENDING);
  }

  /** The session is Ready: requests that came with the opening are delivered. */
  void authenticated() {
    transition(SessionState.READY);
    listener.onReady();
    inbound.deliverWaiting();
  }

  /** The connection goes to an earlier session: an end without a word. */
  void endSilently() {
    transition(SessionState.CLOSED);
    inbound.release();
  }

  private void transition(SessionState next) {
    if (!state.canBecome(next)) {
      throw new IllegalStateException("a session in " + state + " cannot become " + next);
    }
    state = next;
  }
}
