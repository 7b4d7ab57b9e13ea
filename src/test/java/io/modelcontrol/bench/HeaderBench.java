package io.modelcontrol.bench;

import io.modelcontrol.wire.FrameDecoder;
import io.modelcontrol.wire.FrameEncoder;
import io.modelcontrol.wire.FrameHeader;
import io.modelcontrol.wire.FrameListener;
import io.modelcontrol.wire.FrameType;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Headers alone, a read of 64 frames without payload at a time: all that a frame costs but its
 * payload, from the buffer to the listener.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 2, jvmArgsAppend = "-Dio.netty.leakDetection.level=disabled")
public class HeaderBench implements FrameListener {
  private static final int FRAMES = 64;

  private final FrameEncoder encoder = new FrameEncoder();
  private final FrameDecoder decoder = new FrameDecoder(this);
  private final CRC32 jdkCrc = new CRC32();
  private final byte[] bytes = new byte[FrameHeader.LENGTH];
  private ByteBuf frames;
  private int seen;

  @Setup
  public void allocate() {
    frames = PooledByteBufAllocator.DEFAULT.directBuffer(FRAMES * FrameHeader.LENGTH);
    for (int i = 0; i < FRAMES; i++) {
      encoder.header(frames, FrameType.DATA.code(), 0, i, Unpooled.EMPTY_BUFFER);
    }
    frames.getBytes(0, bytes);
  }

  @TearDown
  public void release() {
    frames.release();
  }

  @Override
  public void onFrame(FrameType type, int flags, int streamId, ByteBuf payload) {
    seen += streamId;
  }

  /** Judged, with its CRC, and passed on. */
  @Benchmark
  @OperationsPerInvocation(FRAMES)
  public int decode() {
    frames.readerIndex(0);
    decoder.decode(frames.retain());
    return seen;
  }

  /** The same bytes read and looked at without a CRC: what the CRC adds is the difference. */
  @Benchmark
  @OperationsPerInvocation(FRAMES)
  public int decodeWithoutCrc() {
    frames.readerIndex(0);
    int sum = 0;
    while (frames.isReadable()) {
      long first = frames.readLong();
      long second = frames.readLong();
      int type = (int) (first >>> 16) & 0xFF;
      if ((int) (first >>> 32) != FrameHeader.MAGIC || type != FrameType.DATA.code()) {
        throw new IllegalStateException("the header was damaged");
      }
      sum += (int) (second >>> 32) + ((int) first & 0xFFFF);
    }
    return sum;
  }

  @Benchmark
  @OperationsPerInvocation(FRAMES)
  public int encode() {
    frames.clear();
    for (int i = 0; i < FRAMES; i++) {
      encoder.header(frames, FrameType.DATA.code(), 0, i, Unpooled.EMPTY_BUFFER);
    }
    return frames.readableBytes();
  }

  /** The twelve bytes through the JDK's CRC-32, for comparison. */
  @Benchmark
  public long jdkCrcOfTwelveBytes() {
    jdkCrc.reset();
    jdkCrc.update(bytes, 0, 12);
    return jdkCrc.getValue();
  }
}
