package io.modelcontrol.runtime;

import io.modelcontrol.McpException;
import java.util.List;

/**
 * Single requests that run as one: a turn for all of them, on one worker. It is never found by a
 * cancel or a deadline, which end its members one by one.
 */
final class BatchJob extends Job {
  /** Told of each run. */
  interface RunListener {
    void ran(int rows, long nanos);
  }

  private final List<InferJob> members;
  private final RunListener listener;

  /**
   * A job of claimed jobs.
   *
   * @param members one or more, with equal keys
   */
  BatchJob(List<InferJob> members, RunListener listener) {
    super("batch of " + members.size(), false);
    this.members = members;
    this.listener = listener;
  }

  @Override
  Outcome run(ModelExecution execution) {
    execution.batches().run(members, listener);
    return Outcome.DONE;
  }

  @Override
  List<? extends Job> members() {
    return members;
  }

  @Override
  void finish(Replies replies) {
    // Its members are finished one by one.
  }

  @Override
  void ended(McpException why) {
    throw new IllegalStateException("a batch does not wait");
  }

  @Override
  boolean isOverdue(long nowNanos) {
    return false;
  }

  @Override
  boolean isCounted() {
    return false;
  }
}
