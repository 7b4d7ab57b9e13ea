package io.modelcontrol.session;

import io.modelcontrol.McpException;
import io.modelcontrol.wire.FrameType;
import io.modelcontrol.wire.Limits;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** A session without a socket: what it writes is kept, what happens to it is recorded. */
final class Endpoint implements FrameSink, SessionListener {
  record Frame(FrameType type, int flags, int streamId, byte[] payload) {}

  final ArrayDeque<Frame> written = new ArrayDeque<>();
  final List<String> messages = new ArrayList<>();
  final List<String> resets = new ArrayList<>();
  final List<Stream> streams = new ArrayList<>();
  final Session session;
  boolean ready;
  boolean closed;
  boolean writable = true;
  private boolean oneOnly;
  boolean acceptAtOnce = true;
  long pong;
  int freed;
  Consumer<Stream> onReset = stream -> {};
  byte[] token;
  byte[] resumeToken;
  long resumeReceived;
  McpException reason;
  long nowNanos = 1;

  Endpoint(SessionRole role) {
    this(role, SessionConfig.DEFAULT_LIMITS);
  }

  Endpoint(SessionRole role, Limits limits) {
    this(role, limits, Map.of("compress", true), null);
  }

  /** An end that can resume, or the opening of the next connection of one that is resumed. */
  static Endpoint resumable(SessionRole role, SessionConfig.Resume earlier) {
    return new Endpoint(
        role, SessionConfig.DEFAULT_LIMITS, Map.of(SessionConfig.RESUME, true), earlier);
  }

  /** An end that takes compressed messages. */
  static Endpoint compressing(SessionRole role) {
    return new Endpoint(role, SessionConfig.DEFAULT_LIMITS, Map.of(SessionConfig.ZSTD, true), null);
  }

  private Endpoint(
      SessionRole role,
      Limits limits,
      Map<String, Boolean> capabilities,
      SessionConfig.Resume earlier) {
    SessionConfig config =
        new SessionConfig(
            role,
            limits,
            capabilities,
            Map.of(),
            "test",
            "none",
            null,
            SessionConfig.Timeouts.DEFAULT,
            earlier);
    session = new Session(config, this, this, UnpooledByteBufAllocator.DEFAULT);
    session.advance(nowNanos);
    session.connect();
    session.onConnected();
  }

  /** A client and a server that are Ready. */
  static Endpoint[] readyPair(Limits serverLimits) {
    Endpoint client = new Endpoint(SessionRole.CLIENT);
    Endpoint server = new Endpoint(SessionRole.SERVER, serverLimits);
    exchange(client, server);
    return new Endpoint[] {client, server};
  }

  static Endpoint[] readyPair() {
    return readyPair(SessionConfig.DEFAULT_LIMITS);
  }

  /** Carries frames to and fro until both are silent. */
  static void exchange(Endpoint one, Endpoint other) {
    while (!one.written.isEmpty() || !other.written.isEmpty()) {
      one.deliverTo(other);
      other.deliverTo(one);
    }
  }

  void deliverTo(Endpoint other) {
    Frame frame;
    while ((frame = written.poll()) != null) {
      other.receive(frame.type, frame.flags, frame.streamId, frame.payload);
    }
  }

  void receive(FrameType type, int flags, int streamId, byte[] payload) {
    session.onFrame(type, flags, streamId, Unpooled.copiedBuffer(payload));
  }

  void receiveData(int flags, int streamId, String payload) {
    receive(FrameType.DATA, flags, streamId, payload.getBytes(StandardCharsets.UTF_8));
  }

  long advance(long nanos) {
    nowNanos += nanos;
    return session.advance(nowNanos);
  }

  boolean send(Stream stream, String message, boolean end) {
    return session.send(stream, Unpooled.copiedBuffer(message, StandardCharsets.UTF_8), end);
  }

  /** Lets the session write one frame. */
  void writeOne() {
    oneOnly = true;
    writable = true;
    session.onWritable();
  }

  List<FrameType> writtenTypes() {
    return written.stream().map(Frame::type).toList();
  }

  @Override
  public void write(FrameType type, int flags, int streamId, ByteBuf payload) {
    byte[] bytes = payload == null ? new byte[0] : ByteBufUtil.getBytes(payload);
    if (payload != null) {
      payload.release();
    }
    written.add(new Frame(type, flags, streamId, bytes));
    writable &= !oneOnly;
  }

  @Override
  public boolean isWritable() {
    return writable;
  }

  @Override
  public void close() {
    closed = true;
  }

  @Override
  public void onReady() {
    ready = true;
  }

  @Override
  public void onAuthRequest(String method, byte[] credential) {
    if (acceptAtOnce) {
      session.acceptAuth("somebody", List.of("role"), token);
    }
  }

  @Override
  public void onResumeRequest(String method, byte[] credential, byte[] given, long received) {
    resumeToken = given;
    resumeReceived = received;
  }

  @Override
  public void onResumed(long received, byte[] nextToken) {
    resumeToken = nextToken;
    resumeReceived = received;
  }

  @Override
  public void onMessage(Stream stream, ByteBuf message, boolean endStream) {
    if (!streams.contains(stream)) {
      streams.add(stream);
    }
    String text = message == null ? "" : message.toString(StandardCharsets.UTF_8);
    messages.add(stream.id() + ":" + text + (endStream ? "|" : ""));
    if (message != null) {
      message.release();
    }
  }

  @Override
  public void onReset(Stream stream, McpException error) {
    resets.add(stream.id() + ":" + error.code());
    onReset.accept(stream);
  }

  @Override
  public void onStreamClosed(Stream stream) {
    freed++;
  }

  @Override
  public void onPong(long payload) {
    pong = payload;
  }

  @Override
  public void onClosed(McpException errorOrNull) {
    reason = errorOrNull;
  }
}
