package io.modelcontrol.bench.echo;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeoutException;

/** A server that answers at once, and one connection to it. */
public interface Echo extends AutoCloseable {
  /** Who is told what became of a request; on a thread of the connection. */
  interface Caller {
    /** The whole answer has arrived. */
    void answered(int bytes);

    void failed(Throwable cause);
  }

  /** Sends one request. */
  void call(Caller caller);

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
