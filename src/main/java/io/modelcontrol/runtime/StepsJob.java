package io.modelcontrol.runtime;

import java.util.List;
import java.util.Map;

/** Steps of several sequences that run as one; each sequence goes on by itself. */
final class StepsJob extends JointJob<SequenceJob> {
  private Map<SequenceJob, Outcome> outcomes = Map.of();

  /**
   * A job of claimed jobs.
   *
   * @param members two or more, with equal keys
   */
  StepsJob(List<SequenceJob> members) {
    super(members);
  }

  @Override
  Outcome run(ModelExecution execution) {
    outcomes = execution.steps().run(members());
    return Outcome.DONE;
  }

  @Override
  Outcome outcomeOf(Job member, Outcome turn) {
    return outcomes.get(member);
  }
}
