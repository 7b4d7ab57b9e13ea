package io.modelcontrol.bench.bus;

import io.vertx.core.Vertx;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeoutException;

/** The limit to a worker and back: an executor's threads, of which nothing is asked. */
final class WorkerHop extends Hop {
  private final ExecutorService workers;

  WorkerHop(Vertx vertx, int threads) throws TimeoutException {
    super(vertx);
    workers = Executors.newFixedThreadPool(threads);
  }

  @Override
  public void call(Caller asker) {
    workers.execute(() -> caller().runOnContext(back -> asker.answered(0)));
  }

  @Override
  public void close() throws TimeoutException {
    super.close();
    workers.shutdown();
  }
}
