package io.modelcontrol.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The states of a job, one turn after the other, without a thread. */
class JobQueueTest {
  private static final Replies REPLIES = new Replies(() -> 0);

  private final JobQueue queue = new JobQueue(2, new FifoWaiting(), (nanos, action) -> {});
  private final List<String> log = new ArrayList<>();

  @Test
  void thoseThatGoOnTakeTurns() {
    List<TestJob> jobs = List.of(job("a", false), job("b", false), job("c", false));
    jobs.forEach(queue::offer);
    for (int turn = 0; turn < 6; turn++) {
      turn(Job.Outcome.AGAIN);
    }
    assertThat(log).containsExactly("a", "b", "c", "a", "b", "c");
  }

  @Test
  void aParkedJobHasNoTurnUntilItIsWoken() {
    TestJob job = job("a", false);
    queue.offer(job);
    turn(Job.Outcome.PARKED);
    assertThat(queue.take()).isNull();
    queue.wake(job);
    queue.wake(job);
    turn(Job.Outcome.PARKED);
    assertThat(queue.take()).isNull();
    assertThat(log).containsExactly("a", "a");
  }

  @Test
  void aWakeDuringItsTurnIsNotLost() {
    TestJob job = job("a", false);
    queue.offer(job);
    Job running = queue.take();
    queue.wake(job);
    queue.endTurn(running, Job.Outcome.PARKED, REPLIES);
    assertThat(queue.take()).isSameAs(job);
  }

  @Test
  void aCancelOfAParkedJobEndsItAtOnce() {
    TestJob job = job("a", true);
    queue.offer(job);
    queue.cancel("a");
    assertThat(job.ended).isEqualTo(ErrorCode.REQUEST_CANCELED);
    assertThat(queue.isEmpty()).isTrue();
    queue.wake(job);
    assertThat(queue.take()).isNull();
  }

  @Test
  void aCancelDuringATurnGivesTheJobOneMoreToEndIn() {
    TestJob job = job("a", false);
    queue.offer(job);
    Job running = queue.take();
    queue.cancel("a");
    assertThat(job.ended).isNull();
    assertThat(job.control().isEnded()).isTrue();
    queue.endTurn(running, Job.Outcome.PARKED, REPLIES);
    assertThat(queue.take()).isSameAs(job);
    queue.endTurn(job, Job.Outcome.DONE, REPLIES);
    assertThat(job.finished).isTrue();
    assertThat(queue.isEmpty()).isTrue();
  }

  @Test
  void aClosedQueueTakesNothingAndTellsOnceWhenTheLastJobHasEnded() {
    TestJob running = job("a", false);
    TestJob parked = job("b", true);
    queue.offer(running);
    queue.offer(parked);
    queue.close(() -> log.add("empty"));
    assertThat(queue.isClosed()).isTrue();
    assertThat(queue.offer(job("c", false))).isFalse();
    turn(Job.Outcome.DONE);
    assertThat(log).containsExactly("a");
    queue.cancel("b");
    assertThat(log).containsExactly("a", "empty");
  }

  @Test
  void aQueueThatIsEmptyWhenItIsClosedTellsAtOnce() {
    queue.close(() -> log.add("empty"));
    assertThat(log).containsExactly("empty");
  }

  @Test
  void onlyCountedJobsTakePlaces() {
    for (int i = 0; i < 10; i++) {
      assertThat(queue.offer(job("free" + i, true))).isTrue();
    }
    assertThat(queue.offer(new TestJob("a", false, true))).isTrue();
    assertThat(queue.offer(new TestJob("b", false, true))).isTrue();
    assertThat(queue.offer(new TestJob("c", false, true))).isFalse();
    queue.cancel("a");
    assertThat(queue.inFlight()).isEqualTo(1);
    assertThat(queue.offer(new TestJob("c", false, true))).isTrue();
  }

  @Test
  void aPassedDeadlineEndsWhatWaitsOrIsParked() {
    TestJob waiting = job("a", false);
    TestJob parked = job("b", true);
    waiting.overdue = true;
    parked.overdue = true;
    queue.offer(waiting);
    queue.offer(parked);
    queue.offer(job("c", true));
    queue.expire(0);
    assertThat(waiting.ended).isEqualTo(ErrorCode.DEADLINE_EXCEEDED);
    assertThat(parked.ended).isEqualTo(ErrorCode.DEADLINE_EXCEEDED);
    assertThat(queue.isEmpty()).isFalse();
  }

  @Test
  void aParkedWorkerIsWokenByEachJobThatGetsATurn() {
    List<String> woken = new ArrayList<>();
    queue.park(() -> woken.add("one"));
    TestJob job = job("a", true);
    queue.offer(job);
    assertThat(woken).isEmpty();
    queue.wake(job);
    assertThat(woken).containsExactly("one");
  }

  private void turn(Job.Outcome outcome) {
    Job job = queue.take();
    log.add(job.callId());
    queue.endTurn(job, outcome, REPLIES);
  }

  private static TestJob job(String id, boolean parked) {
    return new TestJob(id, parked, false);
  }

  private static final class TestJob extends Job {
    private final boolean counted;
    private boolean overdue;
    private boolean finished;
    private ErrorCode ended;

    TestJob(String id, boolean parked, boolean counted) {
      super(id, parked);
      this.counted = counted;
    }

    @Override
    Outcome run(ModelExecution execution) {
      throw new AssertionError("turns are taken by hand");
    }

    @Override
    void finish(Replies replies) {
      finished = true;
    }

    @Override
    void ended(McpException why) {
      ended = why.code();
    }

    @Override
    boolean isOverdue(long nowNanos) {
      return overdue;
    }

    @Override
    boolean isCounted() {
      return counted;
    }
  }
}
