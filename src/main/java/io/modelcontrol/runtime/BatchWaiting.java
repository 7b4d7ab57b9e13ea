package io.modelcontrol.runtime;

import java.util.List;
import java.util.function.LongSupplier;

/**
 * Jobs wait in a {@link Batcher}, and those that can be joined have one turn for each batch. One
 * that comes while nobody waits is not compared with others before there are any: at low load it is
 * taken at once, and costs no more than where nothing is batched.
 */
final class BatchWaiting implements Waiting {
  /** Bytes of inputs in one batch: a worker keeps a buffer of that size at most. */
  static final long MAX_BATCH_BYTES = 64L << 20;

  private final Batcher<Job> batcher;
  private final LongSupplier nanoClock;

  /** Who came while nobody waited; null if it is in the batcher by now, or gone. */
  private Job alone;

  private long aloneSinceNanos;

  BatchWaiting(BatchSettings settings, LongSupplier nanoClock) {
    batcher = new Batcher<>(settings, MAX_BATCH_BYTES);
    this.nanoClock = nanoClock;
  }

  @Override
  public void add(Job job) {
    if (!addAlone(job)) {
      add(job, job.batchKeyOrNull());
    }
  }

  private synchronized boolean addAlone(Job job) {
    if (alone != null || !batcher.isEmpty()) {
      return false;
    }
    alone = job;
    aloneSinceNanos = nanoClock.getAsLong();
    return true;
  }

  private synchronized void add(Job job, Object keyOrNull) {
    joinAlone();
    batcher.add(job, keyOrNull, job.share(nanoClock.getAsLong()));
  }

  /** Whoever came first waits like the others from now on. */
  private void joinAlone() {
    if (alone != null) {
      batcher.add(alone, alone.batchKeyOrNull(), alone.share(aloneSinceNanos));
      alone = null;
    }
  }

  /**
   * Whether somebody waits alone and need not; whoever has to waits like the others from now on.
   */
  private boolean aloneHasTurn(int underWay) {
    if (alone == null || underWay == 0) {
      return alone != null;
    }
    joinAlone();
    return false;
  }

  @Override
  public synchronized void remove(Job job) {
    if (alone == job) {
      alone = null;
    } else {
      batcher.remove(job);
    }
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
    if (aloneHasTurn(underWay)) {
      List<Job> taken = List.of(alone);
      alone = null;
      return new Taken(taken, false);
    }
    List<Job> jobs = batcher.take(nanoClock.getAsLong(), underWay);
    return new Taken(jobs, !batcher.isEmpty());
  }

  @Override
  public synchronized long holdNanos(int underWay) {
    if (aloneHasTurn(underWay)) {
      return 0;
    }
    return batcher.holdNanos(nanoClock.getAsLong(), underWay);
  }

  private synchronized void ran(int rows, long nanos) {
    batcher.ran(rows, nanos);
  }
}
