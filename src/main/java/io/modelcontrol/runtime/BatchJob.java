package io.modelcontrol.runtime;

import java.util.List;

/** Single requests that run as one: a turn for all of them. */
final class BatchJob extends JointJob<InferJob> {
  /** Told of each run. */
  interface RunListener {
    void ran(int rows, long nanos);
  }

  private final RunListener listener;

  /**
   * A job of claimed jobs.
   *
   * @param members one or more, with equal keys
   */
  BatchJob(List<InferJob> members, RunListener listener) {
    super(members);
    this.listener = listener;
  }

  @Override
  Outcome run(ModelExecution execution) {
    execution.batches().run(members(), listener);
    return Outcome.DONE;
  }
}
