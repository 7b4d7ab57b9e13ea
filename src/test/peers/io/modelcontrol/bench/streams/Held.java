package io.modelcontrol.bench.streams;

import io.netty.channel.EventLoop;
import java.util.concurrent.TimeoutException;

/**
 * A server that sends each message back on the stream that it came on, and a client that holds
 * streams open. Each answer is told to the {@link Answers} that it was made with. Nothing is kept
 * for a stream but its handle.
 */
interface Held extends AutoCloseable {
  /** Opens a session, on which there is no stream. */
  void connect() throws Exception;

  /** Opens a stream and sends its first message; on the client's event loop. */
  void open(int stream);

  /** Sends a message on an open stream; on the client's event loop. */
  void send(int stream);

  EventLoop clientLoop();

  EventLoop serverLoop();

  /** Ends the session with all its streams. */
  void disconnect() throws Exception;

  @Override
  void close() throws TimeoutException;
}
