package io.modelcontrol.bench;

import io.modelcontrol.session.SessionConfig;
import io.modelcontrol.session.SessionState;
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

/** Sessions in memory from their creation to their end. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 2, jvmArgsAppend = "-Dio.netty.leakDetection.level=disabled")
public class SessionBench {
  private static final SessionState[] STATES = SessionState.values();

  private int next;

  /** Two ends to Ready, with their messages encoded and decoded, and closed. */
  @Benchmark
  public SessionState handshake() {
    Pair pair = new Pair(SessionConfig.DEFAULT_LIMITS);
    pair.exchange();
    if (pair.client.session.state() != SessionState.READY) {
      throw new IllegalStateException("the client is " + pair.client.session.state());
    }
    pair.client.session.close();
    pair.exchange();
    return pair.server.session.state();
  }

  /** Whether a state may follow, which is asked before each transition. */
  @Benchmark
  public boolean transition() {
    int from = next++ % (STATES.length - 1);
    return STATES[from].canBecome(STATES[from + 1]);
  }
}
