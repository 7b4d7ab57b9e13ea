package io.modelcontrol.bench;

import io.modelcontrol.session.SessionConfig;
import io.modelcontrol.session.Stream;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Streams of two sessions in memory, both ends counted; the message is not copied. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 2, jvmArgsAppend = "-Dio.netty.leakDetection.level=disabled")
public class StreamBench {
  private static final int MESSAGE_BYTES = 4096;

  private Pair pair;
  private ByteBuf message;
  private Stream held;

  @Setup
  public void open() {
    message =
        Unpooled.unreleasableBuffer(
            Unpooled.wrappedBuffer(ByteBuffer.allocateDirect(MESSAGE_BYTES)));
    pair = new Pair(SessionConfig.DEFAULT_LIMITS);
    pair.exchange();
    held = pair.client.session.openStream();
  }

  /** Opened by a request, closed by the answer. */
  @Benchmark
  public long openAndClose() {
    Stream stream = pair.client.session.openStream();
    pair.client.session.send(stream, message.duplicate(), true);
    pair.exchange();
    return pair.client.received;
  }

  /** One way on a stream that stays open; the credit for it comes back now and then. */
  @Benchmark
  public long messageWithCredit() {
    pair.client.session.send(held, message.duplicate(), false);
    pair.exchange();
    return pair.server.received;
  }
}
