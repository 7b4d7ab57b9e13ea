package io.modelcontrol.session;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.wire.AckFrame;
import io.modelcontrol.wire.ErrorFields;
import io.modelcontrol.wire.FrameHeader;
import io.modelcontrol.wire.FrameListener;
import io.modelcontrol.wire.FrameType;
import io.modelcontrol.wire.Limits;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageDecoder;
import io.modelcontrol.wire.MessageEncoder;
import io.modelcontrol.wire.Negotiation;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.List;
import java.util.function.Predicate;

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
  private final FrameSink sink;
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
  private Limits remoteLimits;
  private SessionState state = SessionState.IDLE;
  private long nowNanos;
  private boolean goawaySent;
  private boolean goawayReceived;

  public Session(
      SessionConfig config, FrameSink sink, SessionListener listener, ByteBufAllocator allocator) {
    this.config = config;
    this.sink = sink;
    this.listener = listener;
    this.allocator = allocator;
    this.handshake = new Handshake(config, new HandshakeActions());
    this.liveness = new Liveness(config.timeouts());
    this.outbound = new OutboundScheduler(sink, outboundWindow, this::onSent);
    this.streams = new StreamTable(config.role());
    this.inbound = new Inbound(this, config, streams, guard, allocator);
    this.remoteLimits = Negotiator.effective(null);
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

  /** What the peer accepts. */
  public Limits remoteLimits() {
    return remoteLimits;
  }

  /** What this end accepts. */
  public Limits localLimits() {
    return config.limits();
  }

  /** Streams that are open, of both ends. */
  public int openStreams() {
    return streams.localOpen() + streams.remoteOpen();
  }

  /**
   * Sets the time; checks what has become due. Returns nanoseconds until it must be called again.
   */
  public long advance(long newNowNanos) {
    nowNanos = newNowNanos;
    if (!state.canSend()) {
      return Long.MAX_VALUE;
    }
    try {
      if (liveness.check(nowNanos)) {
        sink.write(FrameType.PING, 0, 0, null);
      }
      inbound.checkOverdue(nowNanos);
    } catch (McpException e) {
      onOverdue(e);
      return Long.MAX_VALUE;
    }
    return inbound.untilNextCheck(liveness.untilNextCheck(nowNanos));
  }

  /** A peer that has not yet said anything valid gets no answer: it may speak another protocol. */
  private void onOverdue(McpException error) {
    if (state == SessionState.HANDSHAKING) {
      end(error);
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

  /** The transport's bytes are not frames; the boundary is lost. */
  public void onMalformed(McpException error) {
    fail(error);
  }

  /** The transport is gone. */
  public void onDisconnected(McpException error) {
    end(error);
  }

  /** The transport takes frames again. */
  public void onWritable() {
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
    try {
      dispatch(type, flags, streamId, payload);
    } catch (McpException e) {
      onError(streamId, e);
    }
  }

  private void dispatch(FrameType type, int flags, int streamId, ByteBuf payload) {
    if (type == FrameType.DATA) {
      inbound.onData(flags, streamId, payload);
      return;
    }
    try {
      if (!state.isNegotiated() && type != FrameType.GOAWAY) {
        throw McpException.sessionError(
            ErrorCode.PROTOCOL_ERROR, type + " before the session was negotiated");
      }
      switch (type) {
        case ACK -> onAck(streamId, AckFrame.decode(payload));
        case RESET -> onReset(streamId, ErrorFields.decodeReset(payload));
        case PING -> onPing(flags, payload);
        case GOAWAY -> onGoaway(ErrorFields.decodeGoaway(payload));
        default ->
            throw McpException.sessionError(
                ErrorCode.PROTOCOL_ERROR, type + " is not a frame of this transport");
      }
    } finally {
      payload.release();
    }
  }

  @Override
  public void onExtension(int type) {
    try {
      guard.onControl(nowNanos);
    } catch (McpException e) {
      fail(e);
    }
  }

  /** Opens a stream; it gets its id, and the peer hears of it, with its first message. */
  public Stream openStream() {
    if (!canOpenStream()) {
      throw McpException.streamError(
          ErrorCode.REFUSED_STREAM, "no stream can be opened on this session now");
    }
    Stream stream = newStream(0);
    streams.addUnnumbered(stream);
    return stream;
  }

  /** Whether the session is Ready, not draining, and below the peer's limit of streams. */
  public boolean canOpenStream() {
    return state == SessionState.READY
        && !goawayReceived
        && !goawaySent
        && streams.localOpen() < remoteLimits.maxConcurrentStreams()
        && streams.hasLocalIds();
  }

  /**
   * Queues a whole message on a stream and takes it over; it is sent as credit and transport allow.
   *
   * @param message the message's bytes; an empty one where only the end is to be told
   * @return whether the message may be sent at all: false if the stream has ended
   * @throws McpException MESSAGE_TOO_LARGE if the peer does not accept a message of this size
   */
  public boolean send(Stream stream, ByteBuf message, boolean endStream) {
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
    stream.queue(message, endStream);
    outbound.offer(stream);
    outbound.run();
    return true;
  }

  /**
   * Asks for {@link SessionListener#onDrained} once half of the peer's window is queued or less.
   */
  public boolean isFull(Stream stream) {
    boolean full = stream.queuedBytes() > remoteLimits.streamWindow() / 2;
    stream.drainWanted |= full;
    return full;
  }

  /** Stops or restarts granting credit to the peer on a stream: its reader's back-pressure. */
  public void reading(Stream stream, boolean reading) {
    stream.reading(reading);
    if (reading && stream.state().canReceive()) {
      stream.inbound.owe(stream.takeUnreadBytes());
      stream.postpone(nowNanos + config.timeouts().messageNanos());
      grantStream(stream);
    }
  }

  /** Ends a stream both ways and tells the peer why; does nothing if it has ended. */
  public void reset(Stream stream, McpException error) {
    if (stream.state() != StreamState.CLOSED) {
      giveUp(stream, error);
      listener.onStreamClosed(stream);
      closeIfDrained();
    }
  }

  private void giveUp(Stream stream, McpException error) {
    closeStream(stream);
    if (stream.isKnownToPeer() && state.canSend()) {
      streams.rememberReset(stream.id());
      writeReset(stream.id(), error);
    }
  }

  /** Server only: the credential is good. */
  public void acceptAuth(String identity, List<String> roles) {
    if (state == SessionState.AUTH_PENDING) {
      handshake.accept(identity, roles);
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
      sink.write(FrameType.PING, 0, 0, allocator.buffer(Long.BYTES).writeLong(payload));
    }
  }

  /** Drains: tells the peer, refuses new streams, and closes when the open ones have ended. */
  public void shutdown() {
    if (!state.canSend()) {
      end(null);
      return;
    }
    if (!goawaySent) {
      writeGoaway(null);
    }
    closeIfDrained();
  }

  /** Closes now: open streams fail. */
  public void close() {
    if (state.canSend() && !goawaySent) {
      writeGoaway(null);
    }
    end(null);
  }

  /** An error of the session: told to the peer, then closed. */
  public void fail(McpException error) {
    if (state.canSend()) {
      writeGoaway(error);
    }
    end(error);
  }

  private void onError(int streamId, McpException error) {
    Stream stream = streamId == 0 ? null : streams.get(streamId);
    if (error.scope() == McpException.Scope.SESSION || streamId == 0 || !state.isNegotiated()) {
      fail(error);
    } else if (stream != null) {
      failStream(stream, error);
    } else {
      writeReset(streamId, error);
    }
  }

  /** An error on a stream that the peer has to answer for. */
  void failStream(Stream stream, McpException error) {
    if (stream.state() == StreamState.CLOSED) {
      return;
    }
    giveUp(stream, error);
    listener.onReset(stream, error);
    listener.onStreamClosed(stream);
    closeIfDrained();
  }

  private void onAck(int streamId, long credit) {
    if (credit < InboundWindow.SMALL_CREDIT) {
      guard.onControl(nowNanos);
    }
    if (streamId == 0) {
      if (!outboundWindow.grant(credit)) {
        throw McpException.sessionError(
            ErrorCode.FLOW_CONTROL, "credit lifts the session window above 2147483647 bytes");
      }
      outbound.run();
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
    outbound.offer(stream);
    outbound.run();
  }

  private void onReset(int streamId, McpException error) {
    if (streamId == 0) {
      throw McpException.sessionError(ErrorCode.PROTOCOL_ERROR, "RESET of stream 0");
    }
    guard.onReset(nowNanos);
    Stream stream = known(streamId);
    if (stream != null) {
      closeStream(stream);
      listener.onReset(stream, error);
      listener.onStreamClosed(stream);
      closeIfDrained();
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
    guard.onControl(nowNanos);
    if (!sink.isWritable()) {
      guard.onUnsentReply();
    }
    sink.write(FrameType.PING, FrameHeader.REPLY, 0, payload.retainedDuplicate());
  }

  private void onGoaway(ErrorFields.Goaway goaway) {
    if (goaway.error() != null) {
      end(goaway.error());
      return;
    }
    goawayReceived = true;
    listener.onGoaway(null);
    McpException refused =
        McpException.streamError(
            ErrorCode.REFUSED_STREAM, "the peer drains the session and has not seen the request");
    endEach(stream -> streams.isLocalAbove(stream, goaway.lastStreamId()), refused);
    closeIfDrained();
  }

  /** What is told of one stream may lead its listener to end others. */
  private void endEach(Predicate<Stream> which, McpException reason) {
    for (Stream stream : streams.snapshot()) {
      if (stream.state() != StreamState.CLOSED && which.test(stream)) {
        closeStream(stream);
        listener.onReset(stream, reason);
        listener.onStreamClosed(stream);
      }
    }
  }

  /** A whole message on stream 0. */
  void onSessionMessage(ByteBuf bytes) {
    Message message = decodeSessionMessage(bytes);
    try {
      handshake.onMessage(message, state);
    } finally {
      message.release();
    }
  }

  private static Message decodeSessionMessage(ByteBuf bytes) {
    try {
      return MessageDecoder.decode(bytes);
    } catch (McpException e) {
      throw McpException.sessionError(e.code(), e.getMessage());
    }
  }

  Stream acceptStream(int streamId) {
    if (goawaySent || streams.remoteOpen() >= config.limits().maxConcurrentStreams()) {
      streams.rememberReset(streamId);
      throw McpException.streamError(
          ErrorCode.REFUSED_STREAM,
          goawaySent
              ? "the session is being drained"
              : "more than " + config.limits().maxConcurrentStreams() + " streams are open");
    }
    Stream stream = newStream(streamId);
    streams.addRemote(stream);
    return stream;
  }

  private Stream newStream(int streamId) {
    return new Stream(streamId, config.limits().streamWindow(), remoteLimits.streamWindow());
  }

  void deliver(Stream stream, ByteBuf message, boolean endStream) {
    listener.onMessage(stream, message, endStream);
    afterTransition(stream);
  }

  void grantStream(Stream stream) {
    int credit = stream.inbound.takeCredit();
    if (credit > 0) {
      sink.write(FrameType.ACK, 0, stream.id(), AckFrame.encode(credit, allocator));
    }
  }

  void grantSession(int credit) {
    sink.write(FrameType.ACK, 0, 0, AckFrame.encode(credit, allocator));
  }

  long nowNanos() {
    return nowNanos;
  }

  private void onSent(Stream stream) {
    if (stream.drainWanted && stream.queuedBytes() <= remoteLimits.streamWindow() / 4) {
      stream.drainWanted = false;
      listener.onDrained(stream);
    }
    afterTransition(stream);
  }

  private void afterTransition(Stream stream) {
    if (stream.state() == StreamState.CLOSED && streams.get(stream.id()) == stream) {
      streams.remove(stream);
      inbound.forget(stream);
      stream.release();
      listener.onStreamClosed(stream);
      closeIfDrained();
    }
  }

  private void closeStream(Stream stream) {
    stream.transition(StreamState.CLOSED);
    streams.remove(stream);
    inbound.forget(stream);
    stream.release();
  }

  private void closeIfDrained() {
    if ((goawaySent || goawayReceived) && streams.isEmpty()) {
      end(null);
    }
  }

  private void writeReset(int streamId, McpException error) {
    sink.write(FrameType.RESET, 0, streamId, ErrorFields.encodeReset(error, allocator));
    if (config.role() == SessionRole.CLIENT) {
      return;
    }
    try {
      guard.onReset(nowNanos);
    } catch (McpException e) {
      fail(e);
    }
  }

  private void writeGoaway(McpException errorOrNull) {
    goawaySent = true;
    sink.write(
        FrameType.GOAWAY,
        0,
        0,
        ErrorFields.encodeGoaway(streams.lastRemoteId(), errorOrNull, allocator));
  }

  private void end(McpException errorOrNull) {
    if (state == SessionState.CLOSED) {
      return;
    }
    transition(SessionState.CLOSED);
    inbound.release();
    McpException reason =
        errorOrNull != null
            ? errorOrNull
            : McpException.sessionError(
                ErrorCode.NETWORK_CONNECTION_CLOSED, "the session was closed");
    endEach(stream -> true, reason);
    sink.close();
    listener.onClosed(errorOrNull);
  }

  private void transition(SessionState next) {
    if (!state.canBecome(next)) {
      throw new IllegalStateException("a session in " + state + " cannot become " + next);
    }
    state = next;
  }

  private final class HandshakeActions implements Handshake.Actions {
    @Override
    public void send(Message message) {
      ByteBuf bytes = MessageEncoder.encode(message, allocator);
      sink.write(FrameType.DATA, FrameHeader.END_MESSAGE, 0, bytes);
    }

    @Override
    public void negotiated(Limits limits) {
      remoteLimits = limits;
      outboundWindow.resize(SessionConfig.MIN_SESSION_WINDOW, limits.sessionWindow());
      liveness.keepalive(keepaliveNanos(config.limits().keepaliveMs(), limits.keepaliveMs()));
      transition(SessionState.AUTH_PENDING);
    }

    @Override
    public void authRequested(String method, byte[] credential) {
      listener.onAuthRequest(method, credential);
    }

    @Override
    public void authenticated() {
      liveness.onReady();
      transition(SessionState.READY);
      listener.onReady();
      inbound.deliverWaiting();
    }

    private static long keepaliveNanos(int localMs, int remoteMs) {
      int ms =
          localMs == 0 || remoteMs == 0 ? Math.max(localMs, remoteMs) : Math.min(localMs, remoteMs);
      return ms * 1_000_000L;
    }
  }
}
