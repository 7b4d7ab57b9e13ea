package io.modelcontrol.bench;

import java.nio.ByteBuffer;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;
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
import org.openjdk.jmh.annotations.Warmup;

/** The JDK's CRC-32 over direct memory: the floor of what a frame costs. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class CrcBench {
  /** Bytes. */
  @Param({"64", "4096", "65535"})
  int size;

  private final CRC32 crc = new CRC32();
  private ByteBuffer bytes;

  @Setup
  public void allocate() {
    byte[] random = new byte[size];
    new Random(1).nextBytes(random);
    bytes = ByteBuffer.allocateDirect(size).put(random);
  }

  @Benchmark
  public long crc() {
    crc.reset();
    bytes.position(0);
    crc.update(bytes);
    return crc.getValue();
  }
}
