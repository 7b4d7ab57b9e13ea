package io.modelcontrol.session;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Credit of one frame on both ends; beside the windows, which only this package knows. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 2, jvmArgsAppend = "-Dio.netty.leakDetection.level=disabled")
public class WindowBench {
  private static final int WINDOW_BYTES = 1024 * 1024;
  private static final int FRAME_BYTES = 4096;

  private final OutboundWindow sender = new OutboundWindow(WINDOW_BYTES);
  private final InboundWindow receiver = new InboundWindow(WINDOW_BYTES);
  private long nowNanos;

  /** Asked for, taken, received, owed, and given back once it is worth a frame. */
  @Benchmark
  public int credit() {
    sender.take(sender.allows(FRAME_BYTES));
    receiver.receive(FRAME_BYTES);
    receiver.owe(FRAME_BYTES);
    int credit = receiver.takeCredit(++nowNanos);
    sender.grant(credit);
    return credit;
  }
}
