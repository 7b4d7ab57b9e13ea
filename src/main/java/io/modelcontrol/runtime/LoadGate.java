package io.modelcontrol.runtime;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Loads and warm-ups go through here, so many at a time and in the order in which they came; their
 * work is done by threads of their own, which serve no request. Lives on the host's context.
 *
 * <p>They are put behind all others, see {@link Background}. Runtimes take what others leave of one
 * processor; Java code is nice, as a safepoint waits for each thread that runs it. Only what starts
 * threads that are to serve is not put back. What holds everywhere is that no more of them work
 * than loads are allowed at a time.
 */
final class LoadGate {
  static final String POOL = "mcp-load";

  /** Further loads are refused: whoever asks for so many does not wait for the answer. */
  private static final int MAX_WAITING = 1_000;

  /** How long a load may take before Vert.x warns of a blocked worker. */
  private static final long MAX_EXECUTE_MINUTES = 10;

  private static final String RUNTIMES = "-runtime";
  private static final String STARTERS = "-start";

  private final WorkerExecutor nice;
  private final WorkerExecutor leftover;
  private final WorkerExecutor starters;
  private final int atATime;
  private final Queue<Runnable> waiting = new ArrayDeque<>();
  private int running;
  private long begun;

  /**
   * A gate.
   *
   * @param atATime loads that may be under way
   */
  LoadGate(Vertx vertx, int atATime) {
    this.atATime = atATime;
    this.nice = threads(vertx, POOL);
    this.leftover = threads(vertx, POOL + RUNTIMES);
    this.starters = threads(vertx, POOL + STARTERS);
  }

  private WorkerExecutor threads(Vertx vertx, String name) {
    return vertx.createSharedWorkerExecutor(name, atATime, MAX_EXECUTE_MINUTES, TimeUnit.MINUTES);
  }

  /**
   * Begins a load when its turn comes; the next one gets its turn when the future has ended.
   *
   * @return fails with OVERLOADED if too many wait
   */
  <T> Future<T> pass(Supplier<Future<T>> load) {
    if (waiting.size() >= MAX_WAITING) {
      return Future.failedFuture(
          McpException.streamError(
              ErrorCode.OVERLOADED, waiting.size() + " loads wait for their turn"));
    }
    Promise<T> outcome = Promise.promise();
    waiting.add(() -> begin(load, outcome));
    next();
    return outcome.future();
  }

  private void next() {
    while (running < atATime && !waiting.isEmpty()) {
      running++;
      begun++;
      waiting.remove().run();
    }
  }

  private <T> void begin(Supplier<Future<T>> load, Promise<T> outcome) {
    Future<T> under;
    try {
      under = load.get();
    } catch (McpException e) {
      under = Future.failedFuture(e);
    }
    under.onComplete(
        done -> {
          running--;
          outcome.handle(done);
          next();
        });
  }

  /** Work of a load that has its turn, on a thread of the loads. */
  <T> Future<T> work(Callable<T> work) {
    return on(nice, work, false);
  }

  /**
   * As {@link #work}, for what a runtime does in native code: on a thread that takes what others
   * leave, unless that is nearly nothing.
   */
  <T> Future<T> runtimeWork(Callable<T> work) {
    return Background.isSaturated() ? on(nice, work, false) : on(leftover, work, true);
  }

  /** As {@link #work}, for what starts threads, which inherit the priority of who starts them. */
  <T> Future<T> startingWork(Callable<T> work) {
    return starters.executeBlocking(work, false);
  }

  private static <T> Future<T> on(WorkerExecutor threads, Callable<T> work, boolean isLeftover) {
    return threads.executeBlocking(
        () -> {
          QuietProcessor place = Background.putBackThread(isLeftover);
          place.enter();
          try {
            return work.call();
          } finally {
            place.leave();
          }
        },
        false);
  }

  /** Whether no other load is under way. */
  boolean isAlone() {
    return running == 1;
  }

  /** Loads that have begun so far. */
  long begun() {
    return begun;
  }

  /** Ends the threads; to be called when nothing loads any more. */
  Future<Void> close() {
    return nice.close().eventually(leftover::close).eventually(starters::close);
  }
}
