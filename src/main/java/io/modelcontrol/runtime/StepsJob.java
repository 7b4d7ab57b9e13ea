package io.modelcontrol.runtime;

import io.modelcontrol.McpException;
import java.util.List;
import java.util.Map;

/** Steps of several sequences that run as one, on one worker; each sequence goes on by itself. */
final class StepsJob extends Job {
  private final List<SequenceJob> members;
  private Map<SequenceJob, Outcome> outcomes = Map.of();

  /**
   * A job of claimed jobs.
   *
   * @param members two or more, with equal keys
   */
  StepsJob(List<SequenceJob> members) {
    super("steps of " + members.size(), false);
    this.members = members;
  }

  @Override
  Outcome run(ModelExecution execution) {
    outcomes = execution.steps().run(members);
    return Outcome.DONE;
  }

  @Override
  List<? extends Job> members() {
    return members;
  }

  @Override
  Outcome outcomeOf(Job member, Outcome turn) {
    return outcomes.get(member);
  }

  @Override
  void finish(Replies replies) {
    // Each sequence goes on, or is finished, by itself.
  }

  @Override
  void ended(McpException why) {
    throw new IllegalStateException("steps that run together do not wait");
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
