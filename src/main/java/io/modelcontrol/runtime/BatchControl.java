package io.modelcontrol.runtime;

import io.modelcontrol.ErrorCode;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Ends the run of a batch when all its members have been ended, and each of them at once, while the
 * run goes on for the others.
 */
final class BatchControl implements AutoCloseable {
  private final List<? extends Job> members;
  private final RunControl control = new RunControl();
  private final AtomicInteger left;

  BatchControl(List<? extends Job> members) {
    this.members = members;
    left = new AtomicInteger(members.size());
    members.forEach(member -> member.control().onEnd(() -> ended(member)));
  }

  /** Of the run. */
  RunControl control() {
    return control;
  }

  private void ended(Job member) {
    member.endedWithinBatch();
    if (left.decrementAndGet() == 0) {
      control.end(ErrorCode.REQUEST_CANCELED);
    }
  }

  /** Members that are ended from now on hear of it by what comes next. */
  @Override
  public void close() {
    members.forEach(member -> member.control().clearTerminator());
  }
}
