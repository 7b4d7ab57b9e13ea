package io.modelcontrol.proof;

import java.time.Duration;
import java.util.concurrent.Callable;
import org.awaitility.Awaitility;

/** Waits for conditions, not for time to pass. */
final class Waiting {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private Waiting() {}

  static void until(Callable<Boolean> condition, String what) {
    until(condition, what, LIMIT);
  }

  static void until(Callable<Boolean> condition, String what, Duration limit) {
    Awaitility.await(what).pollInterval(Duration.ofMillis(10)).atMost(limit).until(condition);
  }
}
