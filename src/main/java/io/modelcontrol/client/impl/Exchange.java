package io.modelcontrol.client.impl;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.session.transport.McpStream;

/**
 * What the client does on one stream, from the wait for the stream to its end. Ends once: by its
 * answer, by an error, by a cancel or by its time. On the client's context only.
 */
abstract class Exchange extends Deadlines.Timed {
  /** The server tells that the time has passed; it is given this much longer to say so. */
  static final long GRACE_MS = 500;

  final ClientConnection connection;
  private final long timeoutMs;
  private final long startNanos = System.nanoTime();
  private boolean inGrace;
  private boolean done;
  private McpStream stream;

  /**
   * @param timeoutMs until the exchange ends; 0 is for ever
   */
  Exchange(ClientConnection connection, long timeoutMs) {
    this.connection = connection;
    this.timeoutMs = timeoutMs;
  }

  /** Asks for a stream; it comes now or later. */
  final void start() {
    if (timeoutMs > 0) {
      connection.deadlines().set(this, timeoutMs);
    }
    connection.enqueue(this);
  }

  /** Milliseconds that are left, at least 1. */
  final long remainingMs() {
    return Math.max(1, timeoutMs - (System.nanoTime() - startNanos) / 1_000_000);
  }

  /** Begins the whole time anew: there was progress. */
  final void progressed() {
    if (timeoutMs > 0 && !done) {
      connection.deadlines().set(this, timeoutMs);
      inGrace = false;
    }
  }

  /** What there was to wait for has come: from here on the exchange takes as long as it takes. */
  final void withoutTimeout() {
    connection.deadlines().clear(this);
  }

  final boolean isDone() {
    return done;
  }

  final McpStream stream() {
    return stream;
  }

  /** The stream is there. */
  final void begin(McpStream newStream) {
    stream = newStream;
    stream.exceptionHandler(failure -> fail(McpException.of(failure)));
    opened(newStream);
  }

  /** Sends what there is to send. */
  abstract void opened(McpStream newStream);

  /** Tells the caller; nothing else is told afterwards. */
  abstract void failed(McpException error);

  /** Ends the exchange well; false if it has ended before. */
  final boolean finish() {
    if (done) {
      return false;
    }
    done = true;
    connection.deadlines().clear(this);
    if (stream == null) {
      connection.dequeue(this);
    }
    return true;
  }

  final void fail(McpException error) {
    if (finish()) {
      failed(error);
    }
  }

  /** Ends the exchange here, and tells the server if it knows of it. */
  final void abandon(McpException error) {
    if (finish()) {
      if (stream != null) {
        connection.giveUp(stream, error);
      }
      failed(error);
    }
  }

  final void cancelNow() {
    abandon(McpException.streamError(ErrorCode.REQUEST_CANCELED, "the caller gave the request up"));
  }

  @Override
  final void onTimeUp() {
    if (stream != null && !inGrace) {
      inGrace = true;
      connection.deadlines().set(this, GRACE_MS);
      return;
    }
    abandon(
        McpException.streamError(
            ErrorCode.DEADLINE_EXCEEDED,
            stream == null
                ? "no stream became free within " + timeoutMs + " ms"
                : "no answer within " + timeoutMs + " ms"));
  }
}
