package io.modelcontrol.runtime;

import java.util.List;
import java.util.function.LongSupplier;

/** Jobs wait in a {@link Batcher}, and those that can be joined have one turn for each batch. */
final class BatchWaiting implements Waiting {
  /** Bytes of inputs in one batch: a worker keeps a buffer of that size at most. */
  static final long MAX_BATCH_BYTES = 64L << 20;

  private final Batcher<Job> batcher;
  private final LongSupplier nanoClock;

  BatchWaiting(BatchSettings settings, LongSupplier nanoClock) {
    batcher = new Batcher<>(settings, MAX_BATCH_BYTES);
    this.nanoClock = nanoClock;
  }

  @Override
  public synchronized void add(Job job) {
    long now = nanoClock.getAsLong();
    batcher.add(job, job.batchKeyOrNull(), job.share(now));
  }

  @Override
  public synchronized void remove(Job job) {
    batcher.remove(job);
  }

  @Override
  public Job take(int underWay) {
    while (true) {
      Taken taken = takeWaiting(underWay);
      List<Job> claimed = taken.jobs.stream().filter(Job::start).toList();
      if (taken.jobs.isEmpty()) {
        return null;
      }
      if (!claimed.isEmpty()) {
        return turn(claimed, taken.othersWait);
      }
    }
  }

  /** What single requests cost is measured as well, to compare it with what batches cost. */
  private Job turn(List<Job> claimed, boolean othersWait) {
    if (claimed.size() == 1 && !othersWait) {
      return claimed.get(0);
    }
    if (claimed.size() > 1 && claimed.get(0) instanceof SequenceJob) {
      return new StepsJob(claimed.stream().map(SequenceJob.class::cast).toList());
    }
    if (!(claimed.get(0) instanceof InferJob first) || first.batchKeyOrNull() == null) {
      return claimed.get(0);
    }
    return new BatchJob(
        claimed.stream().map(InferJob.class::cast).toList(),
        (rows, nanos) -> {
          if (othersWait) {
            ran(rows, nanos);
          }
        });
  }

  private record Taken(List<Job> jobs, boolean othersWait) {}

  private synchronized Taken takeWaiting(int underWay) {
    List<Job> jobs = batcher.take(nanoClock.getAsLong(), underWay);
    return new Taken(jobs, !batcher.isEmpty());
  }

  @Override
  public synchronized long holdNanos(int underWay) {
    return batcher.holdNanos(nanoClock.getAsLong(), underWay);
  }

  private synchronized void ran(int rows, long nanos) {
    batcher.ran(rows, nanos);
  }
}
