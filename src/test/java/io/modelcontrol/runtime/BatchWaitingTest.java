package io.modelcontrol.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.modelcontrol.McpException;
import org.junit.jupiter.api.Test;

/** One that waits alone, and others that come, without a thread or a clock. */
class BatchWaitingTest {
  private final BatchWaiting waiting = new BatchWaiting(new BatchSettings(4, 500), () -> 0);

  @Test
  void oneThatWaitsAloneIsTakenWithoutALookAtWhatItCouldBeJoinedWith() {
    TestJob job = new TestJob("a");
    waiting.add(job);
    assertThat(waiting.holdNanos(0)).isZero();
    assertThat(waiting.take(0)).isSameAs(job);
    assertThat(job.compared).isFalse();
    assertThat(waiting.holdNanos(0)).isNegative();
    assertThat(waiting.take(0)).isNull();
  }

  @Test
  void itIsComparedWhenAnotherOneComesAndStaysTheFirst() {
    TestJob first = new TestJob("a");
    TestJob second = new TestJob("b");
    waiting.add(first);
    waiting.add(second);
    assertThat(first.compared).isTrue();
    assertThat(second.compared).isTrue();
    assertThat(waiting.take(1)).isSameAs(first);
    assertThat(waiting.take(1)).isSameAs(second);
    assertThat(waiting.take(1)).isNull();
  }

  @Test
  void itIsComparedWhenItMayHaveToWaitForOthers() {
    TestJob job = new TestJob("a");
    waiting.add(job);
    waiting.holdNanos(1);
    assertThat(job.compared).isTrue();
    assertThat(waiting.take(1)).isSameAs(job);
  }

  @Test
  void oneThatWasEndedLeavesThePlace() {
    TestJob ended = new TestJob("a");
    TestJob next = new TestJob("b");
    waiting.add(ended);
    waiting.remove(ended);
    assertThat(waiting.holdNanos(0)).isNegative();
    waiting.add(next);
    assertThat(waiting.take(0)).isSameAs(next);
  }

  private static final class TestJob extends Job {
    private boolean compared;

    TestJob(String id) {
      super(id, false);
    }

    @Override
    Object batchKeyOrNull() {
      compared = true;
      return null;
    }

    @Override
    Outcome run(ModelExecution execution) {
      throw new AssertionError("turns are taken by hand");
    }

    @Override
    void finish(Replies replies) {
      throw new AssertionError("turns are taken by hand");
    }

    @Override
    void ended(McpException why) {
      throw new AssertionError("it is not ended by a queue");
    }

    @Override
    boolean isOverdue(long nowNanos) {
      return false;
    }
  }
}
