package io.modelcontrol.session.transport;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.session.SessionConfig;
import io.modelcontrol.session.Stream;
import io.modelcontrol.session.StreamState;
import io.modelcontrol.wire.EncodedMessage;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageDecoder;
import io.modelcontrol.wire.MessageDecompressor;
import io.modelcontrol.wire.MessageEncoder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import java.util.ArrayDeque;

/** The application's side of a stream: messages for bytes, demand for credit. */
final class SessionStream implements McpStream {
  private final SessionConnection connection;
  private final Stream stream;
  private Handler<Message> handler;
  private Handler<Void> endHandler;
  private Handler<Throwable> exceptionHandler;
  private Handler<Void> drainHandler;
  private ArrayDeque<ByteBuf> pending;
  private long demand = Long.MAX_VALUE;
  private boolean reading = true;
  private boolean inboundEnded;
  private boolean endDelivered;
  private boolean delivering;
  private McpException failure;
  private Handler<Throwable> closeHandler;

  SessionStream(SessionConnection connection, Stream stream) {
    this.connection = connection;
    this.stream = stream;
    stream.attach(this);
  }

  @Override
  public int id() {
    return stream.id();
  }

  @Override
  public McpStream handler(Handler<Message> newHandler) {
    handler = newHandler;
    deliverPending();
    return this;
  }

  @Override
  public McpStream endHandler(Handler<Void> newHandler) {
    endHandler = newHandler;
    deliverPending();
    return this;
  }

  @Override
  public McpStream closeHandler(Handler<Throwable> newHandler) {
    closeHandler = newHandler;
    return this;
  }

  private void closed(McpException errorOrNull) {
    Handler<Throwable> told = closeHandler;
    closeHandler = null;
    if (told != null) {
      told.handle(errorOrNull);
    }
  }

  @Override
  public McpStream exceptionHandler(Handler<Throwable> newHandler) {
    exceptionHandler = newHandler;
    return this;
  }

  @Override
  public McpStream pause() {
    demand = 0;
    updateReading();
    return this;
  }

  @Override
  public McpStream resume() {
    return fetch(Long.MAX_VALUE);
  }

  @Override
  public McpStream fetch(long amount) {
    if (amount < 0) {
      throw new IllegalArgumentException("amount must not be negative: " + amount);
    }
    demand = demand + amount < 0 ? Long.MAX_VALUE : demand + amount;
    deliverPending();
    return this;
  }

  private boolean hasPending() {
    return pending != null && !pending.isEmpty();
  }

  /** Credit follows what the application has taken: none while it has messages to take. */
  private void updateReading() {
    boolean wanted = demand > 0 && !hasPending();
    if (wanted != reading && stream.state() != StreamState.CLOSED) {
      reading = wanted;
      connection.drive(() -> connection.session().reading(stream, wanted));
    }
  }

  @Override
  public Future<Void> write(Message message) {
    return send(message, false);
  }

  @Override
  public Future<Void> end(Message last) {
    return send(last, true);
  }

  @Override
  public Future<Void> end() {
    return sendBytes(Unpooled.EMPTY_BUFFER, true, false);
  }

  @Override
  public boolean compresses() {
    return connection.session().isSelected(SessionConfig.ZSTD);
  }

  @Override
  public Future<Void> write(EncodedMessage message, boolean last) {
    return sendBytes(message.bytes(), last, message.compressed());
  }

  private Future<Void> send(Message message, boolean end) {
    ByteBuf bytes = MessageEncoder.encode(message, connection.allocator());
    return sendBytes(bytes, end, false);
  }

  private Future<Void> sendBytes(ByteBuf bytes, boolean end, boolean compressed) {
    try {
      if (!connection.send(stream, bytes, end, compressed)) {
        return Future.failedFuture(ended());
      }
      if (end) {
        closed(null);
      }
      return Future.succeededFuture();
    } catch (McpException e) {
      return Future.failedFuture(e);
    }
  }

  private McpException ended() {
    return failure != null
        ? failure
        : McpException.streamError(ErrorCode.STREAM_CLOSED, "the stream has ended");
  }

  @Override
  public McpStream setWriteQueueMaxSize(int maxSize) {
    return this;
  }

  @Override
  public boolean writeQueueFull() {
    return connection.session().isFull(stream);
  }

  @Override
  public McpStream drainHandler(Handler<Void> newHandler) {
    drainHandler = newHandler;
    return this;
  }

  @Override
  public void reset(McpException error) {
    closed(error);
    releasePending();
    connection.drive(() -> connection.session().reset(stream, error));
  }

  @Override
  public boolean isInboundEnded() {
    return inboundEnded;
  }

  /** A message's bytes from the session; null for the end alone. */
  void onMessage(ByteBuf bytesOrNull, boolean endStream) {
    inboundEnded |= endStream;
    if (bytesOrNull == null) {
      deliverPending();
    } else if (canDeliver() && !hasPending()) {
      deliver(bytesOrNull);
      deliverPending();
    } else {
      hold(bytesOrNull);
    }
  }

  /** Messages wait as bytes: their fields become objects only when somebody takes them. */
  private void hold(ByteBuf bytes) {
    if (pending == null) {
      pending = new ArrayDeque<>(2);
    }
    try {
      pending.add(connection.held().hold(bytes));
      updateReading();
    } catch (McpException e) {
      connection.session().fail(e);
    }
  }

  private boolean canDeliver() {
    return !delivering && handler != null && demand > 0;
  }

  private void deliverPending() {
    if (delivering) {
      return;
    }
    while (canDeliver() && hasPending()) {
      connection.held().taken();
      deliver(pending.poll());
    }
    updateReading();
    if (inboundEnded && !hasPending() && !endDelivered && failure == null && endHandler != null) {
      endDelivered = true;
      dispatch(endHandler, null);
    }
  }

  private void deliver(ByteBuf bytes) {
    delivering = true;
    try {
      Message message = MessageDecoder.decode(stream.takeArrived() ? unfold(bytes) : bytes);
      if (demand != Long.MAX_VALUE) {
        demand--;
      }
      dispatch(handler, message);
    } catch (McpException e) {
      reset(e);
      onReset(e);
    } finally {
      delivering = false;
    }
  }

  /** Only now that somebody takes it: a message that waits holds no more than what arrived. */
  private ByteBuf unfold(ByteBuf bytes) {
    return MessageDecompressor.decompress(
        bytes, connection.maxMessageBytes(), connection.allocator());
  }

  void onReset(McpException error) {
    closed(error);
    if (failure != null) {
      return;
    }
    failure = error;
    releasePending();
    if (exceptionHandler != null) {
      dispatch(exceptionHandler, error);
    }
  }

  void onDrained() {
    if (drainHandler != null) {
      dispatch(drainHandler, null);
    }
  }

  /** What an application's handler throws goes to its context, and does not break the session. */
  private <T> void dispatch(Handler<T> to, T event) {
    connection.dispatch(to, event);
  }

  private void releasePending() {
    while (hasPending()) {
      connection.held().taken();
      pending.poll().release();
    }
  }
}
