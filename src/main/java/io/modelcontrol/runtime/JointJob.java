package io.modelcontrol.runtime;

import io.modelcontrol.McpException;
import java.util.List;

/**
 * Jobs that have a turn together, on one worker. It is never found by a cancel or a deadline, which
 * end its members one by one.
 *
 * @param <J> the kind of its members
 */
abstract class JointJob<J extends Job> extends Job {
  private final List<J> members;

  /**
   * A job of claimed jobs.
   *
   * @param members with equal keys
   */
  JointJob(List<J> members) {
    super("joint turn of " + members.size(), false);
    this.members = members;
  }

  @Override
  final List<J> members() {
    return members;
  }

  @Override
  final void finish(Replies replies) {
    // Its members go on, or are finished, one by one.
  }

  @Override
  final void ended(McpException why) {
    throw new IllegalStateException("jobs that have a turn together do not wait");
  }

  @Override
  final boolean isOverdue(long nowNanos) {
    return false;
  }

  @Override
  final boolean isCounted() {
    return false;
  }
}
