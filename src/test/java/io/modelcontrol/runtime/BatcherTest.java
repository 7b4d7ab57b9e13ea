package io.modelcontrol.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Who runs with whom, and when, without a thread or a clock. */
class BatcherTest {
  private static final long US = 1_000;
  private static final long MS = 1_000 * US;
  private static final long LATE = 30_000 * MS;
  private static final long MAX_BYTES = 1_000_000;
  private static final String KIND = "kind";

  private final Batcher<String> batcher = batcher(4, 500);

  @Test
  void nobodyWaitsWhileNothingIsUnderWay() {
    add("a", KIND, 0, LATE);
    assertThat(batcher.holdNanos(0, 0)).isZero();
    assertThat(batcher.take(0, 0)).containsExactly("a");
    assertThat(batcher.isEmpty()).isTrue();
    assertThat(batcher.holdNanos(0, 0)).isNegative();
  }

  @Test
  void thoseWhoComeRarelyDoNotWaitForOthers() {
    for (int i = 0; i < 20; i++) {
      long now = 10L * i * MS;
      add("a" + i, KIND, now, now + LATE);
      assertThat(batcher.take(now, 1)).containsExactly("a" + i);
    }
  }

  @Test
  void aBatchThatIsNotFullWaitsWhileOthersKeepComing() {
    long now = busy();
    add("a", KIND, now, now + LATE);
    assertThat(batcher.take(now, 1)).isEmpty();
    long hold = batcher.holdNanos(now, 1);
    assertThat(hold).isPositive().isLessThanOrEqualTo(500 * US);
    assertThat(batcher.take(now + hold, 1)).containsExactly("a");
  }

  @Test
  void aFullBatchDoesNotWait() {
    long now = busy();
    for (String name : List.of("a", "b", "c", "d", "e")) {
      add(name, KIND, now, now + LATE);
    }
    assertThat(batcher.take(now, 1)).containsExactly("a", "b", "c", "d");
    assertThat(batcher.take(now, 1)).isEmpty();
    assertThat(batcher.take(now, 0)).containsExactly("e");
  }

  @Test
  void aDeadlineThatIsNearEndsTheWait() {
    long now = busy();
    add("a", KIND, now, now + 50 * US);
    assertThat(batcher.holdNanos(now, 1)).isLessThanOrEqualTo(50 * US);
    assertThat(batcher.take(now + 50 * US, 1)).containsExactly("a");
  }

  @Test
  void theTimeThatABatchTakesIsKeptFromItsDeadline() {
    batcher.ran(1, 40 * US);
    long now = busy();
    add("a", KIND, now, now + 50 * US);
    assertThat(batcher.holdNanos(now, 1)).isLessThanOrEqualTo(10 * US);
  }

  @Test
  void theEarliestDeadlineComesFirst() {
    add("late", KIND, 0, 900 * MS);
    add("later", KIND, 0, 950 * MS);
    add("soon", KIND, 1, 20 * MS);
    add("next", "other kind", 2, 30 * MS);
    add("sooner", KIND, 3, 10 * MS);
    add("last", KIND, 4, 990 * MS);
    assertThat(batcher.take(5, 0)).containsExactly("sooner", "soon", "late", "later");
    assertThat(batcher.take(5, 0)).containsExactly("next");
    assertThat(batcher.take(5, 0)).containsExactly("last");
  }

  @Test
  void aLateDeadlineIsNotPassedForEver() {
    add("patient", KIND, 0, LATE);
    long now = 0;
    for (int i = 0; ; i++) {
      add("hasty" + i, "other kind", now, now + 100 * MS);
      List<String> taken = batcher.take(now, 0);
      if (taken.contains("patient")) {
        break;
      }
      now += 10 * MS;
      assertThat(now).isLessThanOrEqualTo(Batcher.PATIENCE_NANOS);
    }
  }

  @Test
  void onlyEqualKeysAreJoinedAndNoKeyMeansAlone() {
    add("a", KIND, 0, LATE);
    add("b", "other kind", 1, LATE);
    add("c", null, 2, LATE);
    add("d", null, 3, LATE);
    add("e", KIND, 4, LATE);
    assertThat(batcher.take(5, 0)).containsExactly("a", "e");
    assertThat(batcher.take(5, 0)).containsExactly("b");
    assertThat(batcher.take(5, 0)).containsExactly("c");
    assertThat(batcher.take(5, 0)).containsExactly("d");
  }

  @Test
  void aKindThatWaitsDoesNotHoldBackAnother() {
    long now = busy();
    add("a", KIND, now, now + LATE);
    add("b", null, now + 1, now + LATE);
    assertThat(batcher.take(now + 1, 1)).containsExactly("b");
  }

  @Test
  void rowsAndBytesAreBounded() {
    batcher.add("a", KIND, new Batcher.Share(3, 10, 0, LATE));
    batcher.add("b", KIND, new Batcher.Share(2, 10, 1, LATE));
    batcher.add("c", KIND, new Batcher.Share(9, 10, 2, LATE));
    batcher.add("d", KIND, new Batcher.Share(1, MAX_BYTES, 3, LATE));
    batcher.add("e", KIND, new Batcher.Share(1, 1, 4, LATE));
    assertThat(batcher.take(5, 0)).containsExactly("a");
    assertThat(batcher.take(5, 0)).containsExactly("b");
    assertThat(batcher.take(5, 0)).as("larger than a batch").containsExactly("c");
    assertThat(batcher.take(5, 0)).containsExactly("d");
    assertThat(batcher.take(5, 0)).containsExactly("e");
  }

  @Test
  void whoHasGoneIsNotTaken() {
    add("a", KIND, 0, LATE);
    add("b", KIND, 1, LATE);
    assertThat(batcher.remove("a")).isTrue();
    assertThat(batcher.remove("a")).isFalse();
    assertThat(batcher.take(2, 0)).containsExactly("b");
  }

  /** Whatever comes and goes: each is taken once, with its like, in order, within the limits. */
  @Test
  void randomTrafficKeepsTheRules() {
    long seed = new Random().nextLong();
    for (int run = 0; run < 200; run++) {
      new Traffic(seed + run).run();
    }
  }

  /** A pace of one every 20 us, so that others are expected; all taken. */
  private long busy() {
    long now = 0;
    for (int i = 0; i < 40; i++) {
      now += 20 * US;
      add("busy" + i, KIND, now, now + LATE);
      batcher.take(now, 0);
    }
    return now + 20 * US;
  }

  private void add(String name, String key, long now, long deadline) {
    batcher.add(name, key, new Batcher.Share(1, 1, now, deadline));
  }

  private static Batcher<String> batcher(int maxSize, int delayUs) {
    return new Batcher<>(new BatchSettings(maxSize, delayUs), MAX_BYTES);
  }

  private static final class Traffic {
    private static final int STEPS = 400;
    private static final int MAX_ROWS = 8;
    private static final int DELAY_US = 500;

    private final String seed;
    private final Random random;
    private final Batcher<String> batcher = batcher(MAX_ROWS, DELAY_US);
    private final Map<String, Batcher.Share> waiting = new HashMap<>();
    private final Map<String, String> keys = new HashMap<>();
    private final Set<String> taken = new HashSet<>();
    private long now = Long.MAX_VALUE - 100 * MS;
    private int names;

    Traffic(long seed) {
      this.seed = "seed " + seed;
      random = new Random(seed);
    }

    void run() {
      for (int i = 0; i < STEPS; i++) {
        now += random.nextInt(4) == 0 ? random.nextInt(2_000) * US : random.nextInt(30) * US;
        switch (random.nextInt(5)) {
          case 0, 1, 2 -> come();
          case 3 -> take(random.nextInt(3));
          default -> go();
        }
      }
      while (!waiting.isEmpty()) {
        take(0);
      }
      assertThat(batcher.isEmpty()).as(seed).isTrue();
    }

    private void come() {
      String name = "n" + names++;
      int kind = random.nextInt(4);
      long deadline = now + (1 + random.nextInt(3_000)) * MS;
      Batcher.Share share = new Batcher.Share(1 + random.nextInt(3), 1, now, deadline);
      keys.put(name, kind == 0 ? null : "kind" + kind);
      waiting.put(name, share);
      batcher.add(name, keys.get(name), share);
    }

    private void go() {
      if (!waiting.isEmpty()) {
        String name = waiting.keySet().iterator().next();
        waiting.remove(name);
        assertThat(batcher.remove(name)).as(seed).isTrue();
      }
    }

    private void take(int underWay) {
      long hold = batcher.holdNanos(now, underWay);
      assertThat(hold < 0).as(seed).isEqualTo(waiting.isEmpty());
      assertThat(hold).as(seed).isLessThanOrEqualTo(DELAY_US * US);
      List<String> batch = batcher.take(now, underWay);
      assertThat(batch.isEmpty()).as(seed).isEqualTo(hold != 0);
      if (underWay == 0) {
        assertThat(batch.isEmpty()).as(seed).isEqualTo(waiting.isEmpty());
      }
      if (!batch.isEmpty()) {
        check(batch);
      }
    }

    private void check(List<String> batch) {
      String key = keys.get(batch.get(0));
      List<Long> dues = new ArrayList<>();
      int rows = 0;
      for (String name : batch) {
        assertThat(taken.add(name)).as(seed + ": once").isTrue();
        assertThat(keys.get(name)).as(seed + ": alike").isEqualTo(key);
        rows += waiting.get(name).rows();
        dues.add(due(waiting.remove(name)));
      }
      assertThat(dues).as(seed + ": in order").isSorted();
      assertThat(batch.size() == 1 || rows <= MAX_ROWS).as(seed + ": rows").isTrue();
      assertThat(batch.size() == 1 || key != null).as(seed + ": alone").isTrue();
      for (Map.Entry<String, Batcher.Share> other : waiting.entrySet()) {
        if (key != null && key.equals(keys.get(other.getKey()))) {
          assertThat(due(other.getValue()))
              .as(seed + ": who stays is not before those who go")
              .isGreaterThanOrEqualTo(dues.get(dues.size() - 1));
        }
      }
    }

    /** From the beginning of the run, as the clock wraps on the way. */
    private long due(Batcher.Share share) {
      long begin = Long.MAX_VALUE - 100 * MS;
      return Math.min(
          share.deadlineNanos() - begin, share.arrivedNanos() + Batcher.PATIENCE_NANOS - begin);
    }
  }
}
