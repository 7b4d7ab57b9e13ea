package io.modelcontrol.runtime;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Jobs have their turns as they come. */
final class FifoWaiting implements Waiting {
  private final Queue<Job> jobs = new ConcurrentLinkedQueue<>();

  @Override
  public void add(Job job) {
    jobs.add(job);
  }

  @Override
  public void remove(Job job) {
    jobs.remove(job);
  }

  @Override
  public Job take(int underWay) {
    Job job;
    while ((job = jobs.poll()) != null) {
      if (job.start()) {
        return job;
      }
    }
    return null;
  }

  @Override
  public long holdNanos(int underWay) {
    return jobs.isEmpty() ? -1 : 0;
  }
}
