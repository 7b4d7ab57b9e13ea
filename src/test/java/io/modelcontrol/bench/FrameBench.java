package io.modelcontrol.bench;

import io.modelcontrol.wire.FrameDecoder;
import io.modelcontrol.wire.FrameEncoder;
import io.modelcontrol.wire.FrameHeader;
import io.modelcontrol.wire.FrameListener;
import io.modelcontrol.wire.FrameType;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Encoding and decoding frames with payloads in direct memory, as sockets have them. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 2, jvmArgsAppend = "-Dio.netty.leakDetection.level=disabled")
public class FrameBench implements FrameListener {
  /** Payload bytes. */
  @Param({"64", "4096", "65535"})
  int size;

  private final FrameEncoder encoder = new FrameEncoder();
  private final FrameDecoder decoder = new FrameDecoder(this);
  private ByteBuf payload;
  private ByteBuf header;
  private ByteBuf frame;
  private int seen;

  @Setup
  public void allocate() {
    byte[] bytes = new byte[size];
    new Random(1).nextBytes(bytes);
    payload = PooledByteBufAllocator.DEFAULT.directBuffer(size).writeBytes(bytes);
    header = PooledByteBufAllocator.DEFAULT.directBuffer(FrameHeader.LENGTH);
    encoder.header(header, FrameType.DATA.code(), 0, 1, payload);
    frame = PooledByteBufAllocator.DEFAULT.directBuffer(FrameHeader.LENGTH + size);
    frame.writeBytes(header.duplicate()).writeBytes(payload.duplicate());
  }

  @TearDown
  public void release() {
    payload.release();
    header.release();
    frame.release();
  }

  @Override
  public void onFrame(FrameType type, int flags, int streamId, ByteBuf bytes) {
    seen += streamId;
    bytes.release();
  }

  /** Header and CRC; the payload is not touched otherwise. */
  @Benchmark
  public ByteBuf encode() {
    header.clear();
    encoder.header(header, FrameType.DATA.code(), 0, 1, payload);
    return header;
  }

  /** A whole frame in one buffer: header, CRC, slice. */
  @Benchmark
  public int decode() {
    frame.readerIndex(0);
    decoder.decode(frame.retain());
    return seen;
  }
}
