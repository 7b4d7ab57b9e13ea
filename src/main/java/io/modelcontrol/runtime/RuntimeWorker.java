package io.modelcontrol.runtime;

import io.modelcontrol.telemetry.Telemetry;
import io.vertx.core.Context;
import io.vertx.core.Deployable;
import io.vertx.core.Future;

/**
 * A worker verticle that executes one model: takes jobs from the model's queue, a turn of one at a
 * time, on a thread that may block. The instances of a model share one loaded copy; the first loads
 * it, the last closes it.
 */
final class RuntimeWorker implements Deployable {
  /** After so many turns in a row the worker's thread serves other models of the pool first. */
  private static final int TURNS_IN_A_ROW = 16;

  private final SharedModel shared;
  private final JobQueue queue;
  private final Replies replies = new Replies(System::nanoTime);
  private Context context;
  private ModelExecution execution;
  private boolean stopped;

  RuntimeWorker(SharedModel shared, JobQueue queue) {
    this.shared = shared;
    this.queue = queue;
  }

  @Override
  public Future<?> deploy(Context newContext) {
    context = newContext;
    execution = new ModelExecution(shared, shared.acquire(), Telemetry.of(context.owner()));
    queue.workerBegins();
    queue.park(this::wake);
    return Future.succeededFuture();
  }

  @Override
  public Future<?> undeploy(Context ending) {
    stopped = true;
    execution.close();
    shared.release();
    queue.workerEnds();
    return Future.succeededFuture();
  }

  private void wake() {
    context.runOnContext(v -> work());
  }

  private void work() {
    boolean more = true;
    for (int i = 0; more && i < TURNS_IN_A_ROW; i++) {
      more = turn();
    }
    replies.flush();
    if (more) {
      wake();
    } else if (!stopped) {
      queue.park(this::wake);
    }
  }

  /** One turn of one job; false if there was none. */
  private boolean turn() {
    Job job = stopped ? null : queue.take();
    if (job == null) {
      return false;
    }
    replies.beginTurn();
    queue.endTurn(job, job.run(execution), replies);
    replies.endTurn();
    return true;
  }
}
