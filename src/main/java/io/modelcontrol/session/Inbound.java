package io.modelcontrol.session;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.wire.FrameHeader;
import io.modelcontrol.wire.Varint;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayDeque;

/**
 * The receiving half of a session: DATA frames become messages, windows are charged and credit is
 * given back. Contract 1 (DATA, OFFSET) and 2. Messages that arrive before the session is Ready
 * wait here, within the windows, which are not refilled before.
 */
final class Inbound {
  private record Waiting(Stream stream, ByteBuf message, boolean endStream) {}

  private static final long OVERDUE_CHECK_NANOS = 1_000_000_000L;

  /** A session that owes the rest of a message gets on when it receives as much as this. */
  private static final int LEAST_BYTES_A_SECOND = 1024;

  private final Session session;
  private final StreamLifecycle lifecycle;
  private final SessionConfig config;
  private final StreamTable streams;
  private final AbuseGuard guard;
  private final ByteBufAllocator allocator;
  private final InboundWindow sessionWindow;
  private final ArrayDeque<Waiting> waiting = new ArrayDeque<>(0);
  private final HeldObjects held = new HeldObjects();
  private final Admission admission;
  private final long leastBytes;
  private MessageAssembler sessionAssembler;
  private long sessionBytes;
  private long totalBytes;
  private int assembling;
  private long overdueCheckNanos;

  Inbound(
      Session session,
      StreamLifecycle lifecycle,
      SessionConfig config,
      StreamTable streams,
      AbuseGuard guard,
      ByteBufAllocator allocator) {
    this.session = session;
    this.lifecycle = lifecycle;
    this.config = config;
    this.streams = streams;
    this.guard = guard;
    this.allocator = allocator;
    int window = config.limits().sessionWindow();
    this.sessionWindow = new InboundWindow(window);
    this.admission = new Admission(config.role(), lifecycle, sessionWindow, held, window);
    this.leastBytes = config.timeouts().messageNanos() / 1_000_000_000L * LEAST_BYTES_A_SECOND;
  }

  /**
   * Takes over the payload of a DATA frame.
   *
   * @throws McpException for the stream or the session, as its scope says
   */
  void onData(int flags, int streamId, ByteBuf payload) {
    boolean taken = false;
    try {
      guard.onData(payload.readableBytes(), flags & ~FrameHeader.OFFSET);
      if (streamId == 0) {
        if (isCompressed(flags)) {
          throw notNegotiated();
        }
        checkOffset(flags, payload, sessionBytes);
        sessionBytes += payload.readableBytes();
        taken = true;
        onSessionData(flags, payload);
        return;
      }
      if (!session.state().isNegotiated()) {
        throw McpException.sessionError(
            ErrorCode.PROTOCOL_ERROR, "the first message must be NEGOTIATE on stream 0");
      }
      chargeSession(payload.readableBytes());
      Stream stream = streamOf(streamId);
      if (stream != null) {
        charge(stream, flags, payload);
        taken = true;
        append(stream, flags, payload);
      }
    } finally {
      if (!taken) {
        payload.release();
      }
    }
  }

  private void chargeSession(int bytes) {
    if (!sessionWindow.receive(bytes)) {
      throw McpException.sessionError(
          ErrorCode.FLOW_CONTROL, "more bytes than the session window grants");
    }
    totalBytes += bytes;
    sessionWindow.owe(bytes);
    grantSession();
  }

  private void grantSession() {
    if (session.state() == SessionState.READY) {
      int credit = sessionWindow.takeCredit(session.nowNanos());
      if (credit > 0) {
        lifecycle.grantSession(credit);
      }
    }
  }

  /** The stream of a DATA frame, opened by it if it is new; null if it was reset a moment ago. */
  private Stream streamOf(int streamId) {
    Stream known = streams.get(streamId);
    if (known != null) {
      return known;
    }
    if (streams.wasReset(streamId)) {
      return null;
    }
    streams.admitRemoteId(streamId);
    return lifecycle.accept(streamId);
  }

  private void charge(Stream stream, int flags, ByteBuf payload) {
    int bytes = payload.readableBytes();
    if (!stream.state().canReceive()) {
      throw McpException.streamError(
          ErrorCode.STREAM_CLOSED, "DATA after END_STREAM on stream " + stream.id());
    }
    if (!stream.inbound.receive(bytes)) {
      throw McpException.streamError(
          ErrorCode.FLOW_CONTROL,
          "more bytes than the window of stream " + stream.id() + " grants");
    }
    if (isCompressed(flags)) {
      onCompressed(stream);
    }
    checkOffset(flags, payload, stream.receivedBytes());
    stream.received(bytes, payload.readableBytes());
  }

  /** Checked once the windows are charged: the peer counts these bytes as sent. */
  private void onCompressed(Stream stream) {
    if (!session.isSelected(SessionConfig.ZSTD)) {
      throw notNegotiated();
    }
    if (stream.assembler() != null || stream.isReceivingCompressed()) {
      throw McpException.streamError(
          ErrorCode.PROTOCOL_ERROR, "a message is compressed from its first frame on, or not");
    }
    stream.receiveCompressed();
  }

  private static boolean isCompressed(int flags) {
    return (flags & FrameHeader.COMPRESSED) != 0;
  }

  private static McpException notNegotiated() {
    return McpException.streamError(
        ErrorCode.PROTOCOL_ERROR, "a compressed message, but no compression was negotiated");
  }

  /** An ordered transport has no gaps: the offset, which is read, says what is known already. */
  private static void checkOffset(int flags, ByteBuf payload, long expected) {
    if ((flags & FrameHeader.OFFSET) == 0) {
      return;
    }
    long offset = Varint.read(payload);
    if (offset != expected) {
      throw McpException.streamError(
          ErrorCode.PROTOCOL_ERROR, "offset " + offset + ", expected " + expected);
    }
  }

  private void append(Stream stream, int flags, ByteBuf payload) {
    boolean endStream = (flags & FrameHeader.END_STREAM) != 0;
    boolean endMessage = (flags & FrameHeader.END_MESSAGE) != 0;
    if (!endMessage) {
      collect(stream, payload);
      if (endStream) {
        endWithoutMessage(stream);
        return;
      }
      grantIfReady(stream);
      return;
    }
    ByteBuf message = finish(stream, payload);
    stream.onArrived();
    if (endStream) {
      stream.transition(stream.state().afterRemoteEnd());
    } else {
      grantIfReady(stream);
    }
    deliver(stream, message, endStream);
  }

  private void grantIfReady(Stream stream) {
    if (session.state() == SessionState.READY) {
      lifecycle.grant(stream);
    }
  }

  private void collect(Stream stream, ByteBuf payload) {
    int held = stream.assembler() == null ? 0 : stream.assembler().bytes();
    checkMessageSize(stream, held + (long) payload.readableBytes(), payload);
    if (!payload.isReadable()) {
      payload.release();
      return;
    }
    boolean first = stream.assembler() == null;
    if (first) {
      assembling++;
      stream.assembler(new MessageAssembler(allocator));
    }
    if (first || totalBytes - stream.deadlineSetAtBytes() >= leastBytes) {
      stream.extend(session.nowNanos() + config.timeouts().messageNanos(), totalBytes);
    }
    MessageAssembler assembler = stream.assembler();
    assembler.add(payload);
    guard.onUnfinished(assembler.pieces(), assembler.bytes());
  }

  private ByteBuf finish(Stream stream, ByteBuf payload) {
    MessageAssembler assembler = stream.assembler();
    int held = assembler == null ? 0 : assembler.bytes();
    checkMessageSize(stream, held + (long) payload.readableBytes(), payload);
    if (assembler == null) {
      return payload;
    }
    assembler.add(payload);
    stream.assembler(null);
    assembling--;
    return assembler.finish();
  }

  private void checkMessageSize(Stream stream, long bytes, ByteBuf payload) {
    if (bytes > config.limits().maxMessageSize()) {
      payload.release();
      throw McpException.streamError(
          ErrorCode.MESSAGE_TOO_LARGE,
          "message of more than "
              + config.limits().maxMessageSize()
              + " bytes on stream "
              + stream.id());
    }
  }

  private void endWithoutMessage(Stream stream) {
    if (stream.assembler() != null) {
      throw McpException.streamError(
          ErrorCode.MALFORMED_MESSAGE, "the stream ended within a message");
    }
    stream.transition(stream.state().afterRemoteEnd());
    deliver(stream, null, true);
  }

  private void deliver(Stream stream, ByteBuf message, boolean endStream) {
    if (session.state() == SessionState.READY) {
      admission.deliver(stream, message, endStream);
    } else {
      ByteBuf kept = message == null ? null : held.hold(message);
      waiting.add(new Waiting(stream, kept, endStream));
    }
  }

  /** The session is Ready: what waited is delivered in order, and its credit given back. */
  void deliverWaiting() {
    grantSession();
    Waiting next;
    while (session.state() == SessionState.READY && (next = waiting.poll()) != null) {
      held.taken();
      if (next.stream.state() == StreamState.CLOSED) {
        releaseMessage(next);
        continue;
      }
      admission.deliver(next.stream, next.message, next.endStream);
    }
    grantAllStreams();
  }

  /** Credit was held back, also for messages of which only a part has arrived. */
  private void grantAllStreams() {
    for (Stream stream : streams.snapshot()) {
      if (session.state() == SessionState.READY && stream.state().canReceive()) {
        lifecycle.grant(stream);
      }
    }
  }

  private void onSessionData(int flags, ByteBuf payload) {
    if (sessionAssembler == null) {
      sessionAssembler = new MessageAssembler(allocator);
    }
    sessionAssembler.add(payload);
    if (sessionAssembler.bytes() > SessionConfig.MAX_SESSION_MESSAGE) {
      throw McpException.sessionError(
          ErrorCode.MESSAGE_TOO_LARGE,
          "message of more than " + SessionConfig.MAX_SESSION_MESSAGE + " bytes on stream 0");
    }
    if ((flags & FrameHeader.END_STREAM) != 0) {
      throw McpException.sessionError(ErrorCode.PROTOCOL_ERROR, "END_STREAM on stream 0");
    }
    if ((flags & FrameHeader.END_MESSAGE) != 0) {
      ByteBuf message = sessionAssembler.finish();
      sessionAssembler = null;
      session.onSessionMessage(message);
    }
  }

  /** Resets streams whose message made no progress for too long. */
  void checkOverdue(long nowNanos) {
    if (assembling == 0) {
      overdueCheckNanos = nowNanos;
    }
    if (nowNanos - overdueCheckNanos < OVERDUE_CHECK_NANOS) {
      return;
    }
    overdueCheckNanos = nowNanos;
    for (Stream stream : streams.snapshot()) {
      if (stream.isMessageOverdue(nowNanos)) {
        lifecycle.fail(
            stream,
            McpException.streamError(
                ErrorCode.DEADLINE_EXCEEDED, "the message was not finished in time"));
      }
    }
  }

  /** The connection was away: no message has lost time by it. */
  void postponeAll(long nowNanos) {
    for (Stream stream : streams.snapshot()) {
      stream.postpone(nowNanos + config.timeouts().messageNanos());
    }
  }

  long untilNextCheck(long otherNanos) {
    return assembling == 0 ? otherNanos : Math.min(otherNanos, OVERDUE_CHECK_NANOS);
  }

  /** What decides when a request that has arrived begins. */
  Admission admission() {
    return admission;
  }

  /** Delivers the requests that may begin by now. */
  void admit() {
    if (session.state() == SessionState.READY && admission.admit()) {
      grantSession();
    }
  }

  /** A stream is gone: what has arrived of it counts no more. */
  void forget(Stream stream) {
    if (admission.onDropped(stream)) {
      grantSession();
    }
    if (stream.assembler() != null) {
      assembling--;
    }
  }

  void release() {
    if (sessionAssembler != null) {
      sessionAssembler.release();
      sessionAssembler = null;
    }
    waiting.forEach(Inbound::releaseMessage);
    waiting.clear();
  }

  private static void releaseMessage(Waiting waiting) {
    if (waiting.message != null) {
      waiting.message.release();
    }
  }
}
