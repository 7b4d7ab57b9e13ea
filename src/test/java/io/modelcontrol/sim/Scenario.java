package io.modelcontrol.sim;

import io.modelcontrol.session.SessionConfig;
import io.modelcontrol.wire.Limits;
import java.util.SplittableRandom;

/** What a seed decides before anything happens. */
final class Scenario {
  static final long MS = 1_000_000L;

  private static final int[] TINY_WINDOWS = {1, 2, 3, 4, 7, 16, 100, 1_000, 2_048};
  private static final int LARGE_WINDOW = 1 << 20;
  private static final int CROWD = 48;

  /** Acknowledgements of tiny windows count as control frames: so many windows at the most. */
  private static final int TINY_WINDOWS_PER_MESSAGE = 1;

  final boolean resume;

  /** Whether so many requests are made that some wait for others, and their credit with them. */
  final boolean crowded;

  final Limits clientLimits;
  final Limits serverLimits;
  final int largestToClient;
  final int largestToServer;
  final int plans;
  final int serverPlans;
  final long latencyNanos;
  final long nanosPerKilobyte;
  final int writeBuffer;
  int faultsLeft;
  final boolean silences;
  final int clockJumps;
  final int drains;
  final int closes;
  final int tokenThefts;
  final boolean faultsAtTheEnd;

  Scenario(SplittableRandom random) {
    resume = random.nextInt(10) < 7;
    silences = random.nextInt(4) == 0;
    clockJumps = random.nextInt(8) == 0 ? 1 + random.nextInt(2) : 0;
    crowded = random.nextInt(16) == 0;
    int streamWindow = crowded ? LARGE_WINDOW : window(random);
    int sessionWindow = crowded ? LARGE_WINDOW : window(random);
    int keepalive = silences || random.nextInt(3) == 0 ? 5_000 + random.nextInt(15_000) : 0;
    clientLimits =
        new Limits(1 + random.nextInt(4), streamWindow, sessionWindow, LARGE_WINDOW, keepalive);
    serverLimits =
        new Limits(
            1 + random.nextInt(crowded ? CROWD : 6),
            SessionConfig.MIN_STREAM_WINDOW * (1 + random.nextInt(2)),
            SessionConfig.MIN_SESSION_WINDOW * (1 + random.nextInt(2)),
            random.nextBoolean() ? 200_000 : LARGE_WINDOW,
            silences ? keepalive : 0);
    int least = Math.min(streamWindow, sessionWindow);
    boolean large = random.nextInt(4) == 0;
    largestToClient =
        Math.max(1, Math.min(TINY_WINDOWS_PER_MESSAGE * least, large ? 150_000 : 4_000));
    largestToServer = large ? 180_000 : 4_000;
    plans = 1 + random.nextInt(crowded ? CROWD : 6);
    serverPlans = random.nextInt(4) == 0 ? 1 + random.nextInt(2) : 0;
    latencyNanos = random.nextInt(4) == 0 ? 0 : random.nextLong(80 * MS);
    nanosPerKilobyte = random.nextInt(3) == 0 ? random.nextLong(2 * MS) : 1_000;
    writeBuffer = 1 << 6 + random.nextInt(12);
    faultsLeft = random.nextInt(5);
    drains = random.nextInt(8) == 0 ? 1 : 0;
    closes = random.nextInt(12) == 0 ? 1 : 0;
    tokenThefts = resume && random.nextInt(4) == 0 ? 1 + random.nextInt(2) : 0;
    faultsAtTheEnd = random.nextInt(4) == 0;
  }

  private static int window(SplittableRandom random) {
    return switch (random.nextInt(3)) {
      case 0 -> TINY_WINDOWS[random.nextInt(TINY_WINDOWS.length)];
      case 1 -> 1 + random.nextInt(100_000);
      default -> LARGE_WINDOW;
    };
  }

  /** Whether time may pass during which nothing arrives: limits of time may end what is open. */
  boolean losesTime() {
    return silences || clockJumps > 0;
  }
}
