package io.modelcontrol.session.transport;

import io.modelcontrol.McpException;
import io.modelcontrol.wire.EncodedMessage;
import io.modelcontrol.wire.Message;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.streams.ReadStream;
import io.vertx.core.streams.WriteStream;

/**
 * One exchange of messages in a session, with the application's back-pressure: a paused stream
 * gives the peer no credit. Contract 2.
 *
 * <p>Used on the session's context only. Each message that is handed to the handler is owned by it:
 * who is done with a message calls {@link Message#release()}. A message that is written is owned by
 * the stream from then on, also when the write fails.
 */
public interface McpStream extends ReadStream<Message>, WriteStream<Message> {
  /** The stream id, an unsigned number, 0 before the first message: odd ones are the client's. */
  int id();

  @Override
  McpStream handler(Handler<Message> handler);

  /** Told once when the peer sends nothing more. */
  @Override
  McpStream endHandler(Handler<Void> handler);

  /**
   * Told once when this end has sent its last message, with null, or when either end has reset the
   * stream, with the {@link McpException}.
   */
  McpStream closeHandler(Handler<Throwable> handler);

  /** Told once, with an {@link McpException}, when the stream ends early; on both ways. */
  @Override
  McpStream exceptionHandler(Handler<Throwable> handler);

  @Override
  McpStream pause();

  @Override
  McpStream resume();

  @Override
  McpStream fetch(long amount);

  /** Does nothing: the size of the queue follows the window that the peer has announced. */
  @Override
  McpStream setWriteQueueMaxSize(int maxSize);

  @Override
  McpStream drainHandler(Handler<Void> handler);

  /** Sends a last message, whose last frame ends the stream. */
  @Override
  Future<Void> end(Message last);

  /** Whether the peer takes messages that are compressed. */
  boolean compresses();

  /**
   * Sends a message that was encoded before, on whatever thread; compressed only where the peer
   * {@linkplain #compresses() takes that}.
   *
   * @param last whether its last frame ends the stream
   */
  Future<Void> write(EncodedMessage message, boolean last);

  /** Ends the stream both ways, if it has not ended, and tells the peer why. */
  void reset(McpException error);

  /** Whether the peer sends nothing more. */
  boolean isInboundEnded();
}
