package io.modelcontrol.runtime;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/**
 * What a model's worker does for one caller, in turns: a single request in one, a generation in one
 * for each token. Between its turns it waits in the queue with the others, or is parked: then it
 * holds no thread, until someone wakes it.
 *
 * <p>Its state is one reference that threads compete for: whoever moves it has the right to act.
 */
abstract class Job {
  /** How a turn ended. */
  enum Outcome {
    /** There is no further turn. */
    DONE,
    /** Another turn, after those who wait now. */
    AGAIN,
    /** Another turn when it is woken. */
    PARKED
  }

  private enum State {
    /** In the queue; a worker takes it to RUNNING, a cancel to ENDED. */
    WAITING,
    /** A worker has it; its outcome leads on, a wake to WOKEN. */
    RUNNING,
    /** A worker has it, and it was woken meanwhile: it will not be parked. */
    WOKEN,
    /** Nowhere; a wake leads to WAITING, a cancel to ENDED. */
    PARKED,
    /** Nothing leads out. */
    ENDED
  }

  private final String callId;
  private final RunControl control = new RunControl();
  private final AtomicReference<State> state;

  /**
   * A job.
   *
   * @param callId names it for a cancel
   * @param parked whether it waits to be woken, not for a worker
   */
  Job(String callId, boolean parked) {
    this.callId = callId;
    state = new AtomicReference<>(parked ? State.PARKED : State.WAITING);
  }

  /** One turn on a worker's thread. Does not throw. */
  abstract Outcome run(ModelExecution execution);

  /**
   * After the last turn, once its place is free.
   *
   * @param replies of the worker on whose thread it is
   */
  abstract void finish(Replies replies);

  /** Ended between two turns, or before the first: there is none any more. Called once. */
  abstract void ended(McpException why);

  /** Whether its time is over. */
  abstract boolean isOverdue(long nowNanos);

  /** Those that had their turn in this one, and are ended with it; nobody for most. */
  List<? extends Job> members() {
    return List.of();
  }

  /** How a turn ended for one of {@link #members()}. */
  Outcome outcomeOf(Job member, Outcome turn) {
    return turn;
  }

  /** Equal for jobs that can have a turn together; null if this one has its turns alone. */
  Object batchKeyOrNull() {
    return null;
  }

  /** What it takes of a batch; its turn is not due before those that came with it. */
  Batcher.Share share(long nowNanos) {
    return new Batcher.Share(1, 0, nowNanos, nowNanos + 2 * Batcher.PATIENCE_NANOS);
  }

  /** It was ended while it runs with others, whom the run goes on for. */
  void endedWithinBatch() {}

  /** Whether it takes one of the places of those who wait or run. */
  boolean isCounted() {
    return true;
  }

  final String callId() {
    return callId;
  }

  final RunControl control() {
    return control;
  }

  final boolean isParked() {
    return state.get() == State.PARKED;
  }

  final boolean isEnded() {
    return state.get() == State.ENDED;
  }

  /** Claims the job for a worker; false if it was ended while it waited. */
  final boolean start() {
    return state.compareAndSet(State.WAITING, State.RUNNING);
  }

  /** Ends a turn; returns whether the job waits again, so that it goes to the queue. */
  final boolean endTurn(Outcome outcome) {
    if (outcome == Outcome.DONE) {
      state.set(State.ENDED);
      return false;
    }
    if (outcome == Outcome.PARKED && state.compareAndSet(State.RUNNING, State.PARKED)) {
      return false;
    }
    state.set(State.WAITING);
    return true;
  }

  /** Gives a parked job a turn; returns whether it goes to the queue for it. */
  final boolean wake() {
    return !state.compareAndSet(State.RUNNING, State.WOKEN)
        && state.compareAndSet(State.PARKED, State.WAITING);
  }

  /**
   * Ends the job early: what waits or is parked ends at once, what runs is told to stop.
   *
   * @return whether it ended at once, so that its place is free
   */
  final boolean end(ErrorCode why, String reason) {
    if (state.compareAndSet(State.WAITING, State.ENDED)
        || state.compareAndSet(State.PARKED, State.ENDED)) {
      ended(McpException.streamError(why, reason));
      return true;
    }
    control.end(why);
    return false;
  }
}
