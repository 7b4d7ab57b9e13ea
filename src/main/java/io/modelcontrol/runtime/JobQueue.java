package io.modelcontrol.runtime;

import io.modelcontrol.ErrorCode;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/**
 * The jobs of one model that wait, run or are parked. Single requests are bounded here: the event
 * bus has no back-pressure. Thread-safe: event loops offer, workers take, cancels and deadlines
 * remove.
 */
final class JobQueue {
  /** Added to the number of those present when the queue is closed. */
  private static final int CLOSED = Integer.MIN_VALUE;

  private final int maxInFlight;
  private final Waiting waiting;
  private final Timer timer;
  private final Queue<Runnable> idleWorkers = new ConcurrentLinkedQueue<>();
  private final Map<String, Job> byCallId = new ConcurrentHashMap<>();
  private final AtomicInteger inFlight = new AtomicInteger();
  private final AtomicInteger underWay = new AtomicInteger();
  private final AtomicInteger workers = new AtomicInteger();
  private final AtomicBoolean timed = new AtomicBoolean();

  /** Runs something later, on any thread. */
  interface Timer {
    void after(long nanos, Runnable action);
  }

  /** All jobs that are here, in any state; negative once the queue is closed. */
  private final AtomicInteger present = new AtomicInteger();

  private volatile Runnable whenEmpty;

  /**
   * A queue.
   *
   * @param maxInFlight counted jobs that may wait or run at a time
   * @param waiting the order of the turns
   * @param timer for jobs that wait for others
   */
  JobQueue(int maxInFlight, Waiting waiting, Timer timer) {
    this.maxInFlight = maxInFlight;
    this.waiting = waiting;
    this.timer = timer;
  }

  /**
   * Takes a job in that waits, and wakes a worker; false if there is no place, or if the queue is
   * closed.
   */
  boolean offer(Job job) {
    if (!enter()) {
      return false;
    }
    if (job.isCounted() && inFlight.incrementAndGet() > maxInFlight) {
      inFlight.decrementAndGet();
      leave();
      return false;
    }
    byCallId.put(job.callId(), job);
    if (!job.isParked()) {
      enqueue(job);
    }
    return true;
  }

  /** The next job, claimed for the caller; {@code null} if none is to have a turn now. */
  Job take() {
    Job job = waiting.take(underWay.get());
    if (job != null) {
      underWay.incrementAndGet();
    }
    return job;
  }

  /**
   * A worker is done with a turn of a job that it took.
   *
   * @param replies of the worker
   */
  void endTurn(Job job, Job.Outcome outcome, Replies replies) {
    underWay.decrementAndGet();
    if (job.members().isEmpty()) {
      settle(job, outcome, replies);
    }
    for (Job member : job.members()) {
      settle(member, job.outcomeOf(member, outcome), replies);
    }
  }

  private void settle(Job job, Job.Outcome outcome, Replies replies) {
    if (job.endTurn(outcome)) {
      enqueue(job);
    } else if (outcome == Job.Outcome.DONE) {
      forget(job);
      job.finish(replies);
    }
  }

  /** Gives a parked job a turn. */
  void wake(Job job) {
    if (job.wake()) {
      enqueue(job);
    }
  }

  /**
   * A worker has nothing to do: it is woken when something comes, at once if it came meanwhile.
   *
   * @param wake called from any thread
   */
  void park(Runnable wake) {
    idleWorkers.add(wake);
    signal();
  }

  /** Ends the job of a call, if it is here. */
  void cancel(String callId) {
    Job job = byCallId.get(callId);
    if (job != null) {
      end(job, ErrorCode.REQUEST_CANCELED, "the request was canceled before a worker was free");
    }
  }

  /** Ends the jobs whose deadline has passed. */
  void expire(long nowNanos) {
    endAll(
        job -> job.isOverdue(nowNanos),
        ErrorCode.DEADLINE_EXCEEDED,
        "the deadline passed before a worker was free");
  }

  /** A worker takes jobs from now on. */
  void workerBegins() {
    workers.incrementAndGet();
  }

  /** A worker takes no more; where none is left, whoever waits is told. */
  void workerEnds() {
    if (workers.decrementAndGet() == 0) {
      endAll(job -> true, ErrorCode.SERVICE_UNAVAILABLE, "the model's workers have stopped");
    }
  }

  /** Ends those jobs that a test names. */
  void endAll(Predicate<Job> which, ErrorCode why, String reason) {
    for (Job job : byCallId.values()) {
      if (which.test(job)) {
        end(job, why, reason);
      }
    }
  }

  /** Ends one job: at once, or what runs of it as soon as it can be stopped. */
  void end(Job job, ErrorCode why, String reason) {
    if (job.end(why, reason)) {
      waiting.remove(job);
      forget(job);
    } else {
      // It may have been parked or have gone back to the queue before it was told to end.
      wake(job);
    }
  }

  /**
   * Takes nothing more. Called once.
   *
   * @param emptied called once, from any thread, when the last job that was taken has ended
   */
  void close(Runnable emptied) {
    whenEmpty = emptied;
    if (present.getAndAdd(CLOSED) == 0) {
      emptied.run();
    }
  }

  /** Whether nothing more is taken. */
  boolean isClosed() {
    return present.get() < 0;
  }

  private boolean enter() {
    int before;
    do {
      before = present.get();
      if (before < 0) {
        return false;
      }
    } while (!present.compareAndSet(before, before + 1));
    return true;
  }

  private void leave() {
    if (present.decrementAndGet() == CLOSED) {
      whenEmpty.run();
    }
  }

  /** Whether no job is here, in any state. */
  boolean isEmpty() {
    return byCallId.isEmpty();
  }

  /** Counted jobs that wait or run. */
  int inFlight() {
    return inFlight.get();
  }

  private void enqueue(Job job) {
    waiting.add(job);
    signal();
  }

  /** Wakes a worker if there is a turn for it, or when there will be. */
  private void signal() {
    if (idleWorkers.isEmpty()) {
      return;
    }
    long hold = waiting.holdNanos(underWay.get());
    if (hold == 0) {
      wakeOne();
    } else if (hold > 0 && timed.compareAndSet(false, true)) {
      timer.after(hold, this::onTime);
    }
  }

  private void onTime() {
    timed.set(false);
    signal();
  }

  private void forget(Job job) {
    byCallId.remove(job.callId(), job);
    if (job.isCounted()) {
      inFlight.decrementAndGet();
    }
    leave();
  }

  private void wakeOne() {
    Runnable idle = idleWorkers.poll();
    if (idle != null) {
      idle.run();
    }
  }
}
