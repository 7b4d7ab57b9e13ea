package io.modelcontrol.bench.echo;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeoutException;

/** A server that answers with what it was asked, and one connection to it. */
public interface Echo extends AutoCloseable {

  /**
   * Sends one request.
   *
   * @param answered run when the whole answer has arrived, on a thread of the connection
   */
  void call(Runnable answered);

  /** Runs something on a thread that may make calls. */
  default void execute(Runnable task) {
    task.run();
  }

  @Override
  void close() throws TimeoutException;

  /** What is sent, again and again: direct memory, as sockets want it, left to the collector. */
  static ByteBuf payload(int bytes) {
    return Unpooled.unreleasableBuffer(Unpooled.wrappedBuffer(ByteBuffer.allocateDirect(bytes)));
  }
}
