package io.modelcontrol.session.transport;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.NetworkErrors;
import io.modelcontrol.session.FrameSink;
import io.modelcontrol.session.Session;
import io.modelcontrol.session.SessionState;
import io.modelcontrol.session.Stream;
import io.modelcontrol.telemetry.Happening;
import io.modelcontrol.telemetry.Telemetry;
import io.modelcontrol.telemetry.Traffic;
import io.modelcontrol.wire.FrameDecoder;
import io.modelcontrol.wire.FrameListener;
import io.modelcontrol.wire.FrameType;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.internal.ContextInternal;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Carries the frames of one session over a connected TCP or TLS socket: a Netty handler right
 * before Vert.x's own, so that bytes reach the session on the event loop that read them, sliced
 * from the read buffer. Lives on the session's context; nothing here is thread-safe.
 *
 * <p>A session that goes on over another connection keeps its context. Where the new socket belongs
 * to another event loop, what it reads is handed to the session's, once for each read, and Netty
 * takes what is written back: the one thread hop that is needed.
 *
 * <p>Frames are flushed once for each batch that was read, or once for each turn of the event loop;
 * sooner only where much is written, which the socket then takes.
 */
public final class TcpTransport extends ChannelInboundHandlerAdapter
    implements FrameSink, FrameListener {
  /** How long the peer has to take the last frames before the socket is closed under them. */
  private static final long LINGER_MS = 500;

  /** A read takes up to so many bytes, if the reads before it were as large. */
  private static final int MAX_READ_BYTES = 256 * 1024;

  private static final int MIN_READ_BYTES = 64;
  private static final int FIRST_READ_BYTES = 2048;

  /** A timer that would fire this much too late is set anew. */
  private static final long TIMER_SLACK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  /** Read by the channel's event loop, which is the session's own but after a move. */
  private volatile ContextInternal context;

  private final LongSupplier nanoClock;
  private final Telemetry telemetry;
  private final Traffic traffic;
  private FrameDecoder decoder;
  private FrameBatch batch;
  private Session session;
  private ChannelHandlerContext channelContext;
  private ScheduledFuture<?> timer;
  private long timerDueNanos;
  private boolean reading;
  private boolean flushWanted;
  private boolean flushScheduled;
  private boolean writing;
  private boolean closing;

  public TcpTransport(ContextInternal context, LongSupplier nanoClock) {
    this.context = context;
    this.nanoClock = nanoClock;
    this.telemetry = Telemetry.of(context.owner());
    this.traffic = telemetry.traffic();
  }

  /** Starts the session on a socket that is connected, and with TLS through its handshake. */
  public void start(Session newSession, ChannelHandlerContext vertxHandler) {
    assert context.inThread() : "a transport starts on the context of its session";
    session = newSession;
    decoder = new FrameDecoder(this);
    vertxHandler
        .channel()
        .config()
        .setRecvByteBufAllocator(
            new AdaptiveRecvByteBufAllocator(MIN_READ_BYTES, FIRST_READ_BYTES, MAX_READ_BYTES));
    vertxHandler.pipeline().addBefore(vertxHandler.name(), "mcp", this);
    advance();
    session.onConnected();
    afterDrive();
  }

  /**
   * Gives the connection to another session; on the context of the session that had it, whose timer
   * ends here. From now on everything happens on the context of the other one.
   */
  void moveTo(ContextInternal newContext, Session newSession) {
    assert context.inThread() : "a connection is given away by the session that has it";
    cancelTimer();
    session = newSession;
    context = newContext;
  }

  /**
   * Acts on the session from its own context: sets the time before, flushes and times after. Within
   * a read that was done before it and is done behind it.
   */
  public void drive(Runnable action) {
    assert context.inThread() : "a session is driven on its context";
    if (reading) {
      action.run();
      return;
    }
    advance();
    action.run();
    afterDrive();
  }

  /** Queues a message as {@link Session#send} does; as {@link #drive}, but without its object. */
  boolean send(Stream stream, ByteBuf message, boolean endStream, boolean compressed) {
    assert context.inThread() : "a session is driven on its context";
    if (reading) {
      return session.send(stream, message, endStream, compressed);
    }
    advance();
    boolean accepted = session.send(stream, message, endStream, compressed);
    afterDrive();
    return accepted;
  }

  /** Whether what happens now is an event of the session's context, which reads. */
  boolean isReading() {
    return reading;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    channelContext = ctx;
    batch = new FrameBatch(ctx);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (message instanceof ByteBuf bytes) {
      context.emit(bytes, this::onBytes);
    } else {
      ReferenceCountUtil.release(message);
    }
  }

  private void onBytes(ByteBuf bytes) {
    if (closing || session.state() == SessionState.CLOSED) {
      bytes.release();
      return;
    }
    reading = true;
    advance();
    try {
      decoder.decode(bytes);
    } catch (McpException e) {
      if (decoder.speaksMcp()) {
        session.fail(e);
      } else {
        session.onDisconnected(e);
      }
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    context.emit(null, v -> onReadComplete());
    ctx.fireChannelReadComplete();
  }

  private void onReadComplete() {
    reading = false;
    if (!closing && session.state() != SessionState.CLOSED) {
      session.onPartialFrame(decoder.inFrame(), !decoder.inHeader());
      afterDrive();
    }
    flushNow();
  }

  @Override
  public void onFrame(FrameType type, int flags, int streamId, ByteBuf payload) {
    traffic.received(type.code(), payload.readableBytes());
    session.onFrame(type, flags, streamId, payload);
  }

  @Override
  public void onExtension(int type) {
    session.onExtension(type);
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (ctx.channel().isWritable()) {
      emit(() -> drive(session::onWritable));
    }
    ctx.fireChannelWritabilityChanged();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    emit(
        () ->
            disconnected(
                McpException.sessionError(
                    ErrorCode.NETWORK_CONNECTION_CLOSED, "the peer closed the connection")));
    ctx.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    emit(() -> disconnected(NetworkErrors.toMcpException(NetworkErrors.Operation.READ, cause)));
    ctx.close();
  }

  /**
   * Tells the session what happened to the channel. What happens because the session writes is told
   * later: the session is in the middle of something.
   */
  private void emit(Runnable event) {
    if (writing) {
      channelContext.executor().execute(() -> emit(event));
    } else {
      context.emit(event, Runnable::run);
    }
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    context.emit(null, v -> released());
  }

  private void released() {
    cancelTimer();
    decoder.release();
    batch.release();
  }

  /** A connection that was closed on purpose is nothing that its session has to hear of. */
  private void disconnected(McpException error) {
    if (closing) {
      return;
    }
    closing = true;
    cancelTimer();
    advance();
    session.onDisconnected(error);
  }

  @Override
  public void write(FrameType type, int flags, int streamId, ByteBuf payloadOrNull) {
    ByteBuf payload = payloadOrNull == null ? Unpooled.EMPTY_BUFFER : payloadOrNull;
    if (closing) {
      payload.release();
      return;
    }
    writing = true;
    traffic.sent(type.code(), payload.readableBytes());
    batch.add(type, flags, streamId, payload);
    flushWanted = true;
    if (batch.isDue()) {
      flushNow();
    }
    writing = false;
  }

  @Override
  public boolean isWritable() {
    Channel channel = channelContext.channel();
    if (channel.isWritable() || closing || !flushWanted) {
      return channel.isWritable();
    }
    if (batch.hasRoom()) {
      return true;
    }
    writing = true;
    flushWanted = false;
    batch.flushFull();
    writing = false;
    return channel.isWritable();
  }

  @Override
  public void onCreditStall() {
    telemetry.count(Happening.CREDIT_STALL);
  }

  @Override
  public long bytesBeforeWritable() {
    return channelContext.channel().bytesBeforeWritable();
  }

  /**
   * Sends what was written, then FIN, and closes once the peer has closed or {@link #LINGER_MS}
   * passed.
   */
  @Override
  public void close() {
    if (closing) {
      return;
    }
    closing = true;
    cancelTimer();
    Channel channel = channelContext.channel();
    if (!flushWanted && !session.state().canSend() && !decoder.speaksMcp()) {
      channel.close();
      return;
    }
    flushWanted = false;
    batch.write();
    channelContext
        .writeAndFlush(Unpooled.EMPTY_BUFFER)
        .addListener(done -> shutdownOutput(channel, done.isSuccess()));
    channel.eventLoop().schedule(() -> channel.close(), LINGER_MS, TimeUnit.MILLISECONDS);
  }

  /**
   * A close with unread bytes would reset the connection, and the peer might lose the last frames.
   */
  private static void shutdownOutput(Channel channel, boolean flushed) {
    if (flushed && channel instanceof DuplexChannel duplex && duplex.isActive()) {
      duplex.shutdownOutput();
    } else {
      channel.close();
    }
  }

  private void advance() {
    long now = nanoClock.getAsLong();
    session.advance(now);
  }

  private void afterDrive() {
    if (closing || session.state() == SessionState.CLOSED) {
      return;
    }
    long now = nanoClock.getAsLong();
    rearm(now, session.advance(now));
    if (flushWanted && !reading) {
      scheduleFlush();
    }
  }

  private void scheduleFlush() {
    if (!flushScheduled) {
      flushScheduled = true;
      context.nettyEventLoop().execute(this::onFlushTurn);
    }
  }

  private void onFlushTurn() {
    flushScheduled = false;
    flushNow();
  }

  private void flushNow() {
    if (flushWanted) {
      flushWanted = false;
      batch.flush();
    }
  }

  private void rearm(long now, long delayNanos) {
    if (delayNanos == Long.MAX_VALUE) {
      return;
    }
    long due = now + delayNanos;
    if (timer != null && timerDueNanos - due <= TIMER_SLACK_NANOS) {
      return;
    }
    cancelTimer();
    timerDueNanos = due;
    timer = context.nettyEventLoop().schedule(this::onTimer, delayNanos, TimeUnit.NANOSECONDS);
  }

  private void onTimer() {
    timer = null;
    context.emit(null, v -> afterDrive());
  }

  private void cancelTimer() {
    if (timer != null) {
      timer.cancel(false);
      timer = null;
    }
  }
}
