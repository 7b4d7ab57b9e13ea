package io.modelcontrol.runtime;

import io.modelcontrol.ErrorCode;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The requests of one model that wait or run, bounded: the event bus has no back-pressure, so the
 * bound is here. Thread-safe: the event loop offers, workers take, cancels and deadlines remove.
 */
final class JobQueue {
  private final int maxInFlight;
  private final Queue<Job> waiting = new ConcurrentLinkedQueue<>();
  private final Queue<Runnable> idleWorkers = new ConcurrentLinkedQueue<>();
  private final Map<String, Job> byCallId = new ConcurrentHashMap<>();
  private final AtomicInteger inFlight = new AtomicInteger();

  /**
   * @param maxInFlight requests that may wait or run at a time
   */
  JobQueue(int maxInFlight) {
    this.maxInFlight = maxInFlight;
  }

  /** Takes a job in and wakes a worker; false if there is no place. */
  boolean offer(Job job) {
    if (inFlight.incrementAndGet() > maxInFlight) {
      inFlight.decrementAndGet();
      return false;
    }
    byCallId.put(job.callId(), job);
    waiting.add(job);
    wakeOne();
    return true;
  }

  /** The next job, claimed for the caller; {@code null} if none waits. */
  Job take() {
    Job job;
    while ((job = waiting.poll()) != null) {
      if (job.start()) {
        return job;
      }
    }
    return null;
  }

  /** A worker is done with a job that it took. */
  void done(Job job) {
    forget(job);
  }

  /**
   * A worker has nothing to do: it is woken when something comes, at once if it came meanwhile.
   *
   * @param wake called from any thread
   */
  void park(Runnable wake) {
    idleWorkers.add(wake);
    if (!waiting.isEmpty()) {
      wakeOne();
    }
  }

  /** Ends the job of a call, if it is here. */
  void cancel(String callId) {
    Job job = byCallId.get(callId);
    if (job != null) {
      end(job, ErrorCode.REQUEST_CANCELED);
    }
  }

  /** Ends the jobs whose deadline has passed. */
  void expire(long nowNanos) {
    for (Job job : byCallId.values()) {
      if (job.isOverdue(nowNanos)) {
        end(job, ErrorCode.DEADLINE_EXCEEDED);
      }
    }
  }

  /** No worker is left: whoever waits is told. */
  void abandon() {
    for (Job job : byCallId.values()) {
      end(job, ErrorCode.SERVICE_UNAVAILABLE);
    }
  }

  boolean isEmpty() {
    return inFlight.get() == 0;
  }

  /** Jobs that wait or run. */
  int inFlight() {
    return inFlight.get();
  }

  private void end(Job job, ErrorCode why) {
    if (job.end(why)) {
      waiting.remove(job);
      forget(job);
    }
  }

  private void forget(Job job) {
    byCallId.remove(job.callId(), job);
    inFlight.decrementAndGet();
  }

  private void wakeOne() {
    Runnable idle = idleWorkers.poll();
    if (idle != null) {
      idle.run();
    }
  }
}
