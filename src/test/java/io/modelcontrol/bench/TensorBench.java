package io.modelcontrol.bench;

import io.modelcontrol.DataType;
import io.modelcontrol.Tensor;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** A tensor of an image over bytes that are there: nothing is copied. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 2, jvmArgsAppend = "-Dio.netty.leakDetection.level=disabled")
public class TensorBench {
  private static final long[] SHAPE = {1, 3, 224, 224};
  private static final int BYTES = 3 * 224 * 224 * Float.BYTES;

  private ByteBuf buffer;
  private ByteBuffer memory;

  @Setup
  public void allocate() {
    buffer = PooledByteBufAllocator.DEFAULT.directBuffer(BYTES).writeZero(BYTES);
    memory = ByteBuffer.allocateDirect(BYTES);
  }

  @TearDown
  public void release() {
    buffer.release();
  }

  /** As the decoder does with what it received. */
  @Benchmark
  public Tensor wrapBuf() {
    return Tensor.of("input", DataType.FLOAT, SHAPE, buffer);
  }

  /** As a client does with its memory. */
  @Benchmark
  public Tensor wrapMemory() {
    return Tensor.of("input", DataType.FLOAT, memory, SHAPE);
  }
}
