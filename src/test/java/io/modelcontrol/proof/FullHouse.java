package io.modelcontrol.proof;

import io.modelcontrol.testing.TestNode;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/** Keeps so many requests in flight, each followed by the next, on one event loop. */
final class FullHouse {
  /** Before it is counted: the places are filled and the first batches are over. */
  private static final long SETTLE_NANOS = TimeUnit.MILLISECONDS.toNanos(700);

  private final Context context;
  private final int inFlight;
  private final AtomicLong all = new AtomicLong();

  FullHouse(Vertx vertx, int inFlight) {
    context = ((VertxInternal) vertx).createEventLoopContext();
    this.inFlight = inFlight;
  }

  /** Of all calls together. */
  long answers() {
    return all.get();
  }

  /** Answers per second while all places were taken. */
  double rate(Supplier<Future<?>> request, long nanos) throws Exception {
    long begin = System.nanoTime() + SETTLE_NANOS;
    AtomicLong answers = new AtomicLong();
    AtomicLong left = new AtomicLong(inFlight);
    Promise<Long> done = Promise.promise();
    for (int i = 0; i < inFlight; i++) {
      context.runOnContext(v -> next(request, begin, begin + nanos, answers, left, done));
    }
    TestNode.await(done.future());
    return answers.get() * 1e9 / nanos;
  }

  private void next(
      Supplier<Future<?>> request,
      long begin,
      long end,
      AtomicLong answers,
      AtomicLong left,
      Promise<Long> done) {
    request
        .get()
        .onFailure(done::tryFail)
        .onSuccess(
            answer -> {
              long now = System.nanoTime();
              all.incrementAndGet();
              if (now - begin >= 0 && now - end < 0) {
                answers.incrementAndGet();
              }
              if (now - end < 0) {
                next(request, begin, end, answers, left, done);
              } else if (left.decrementAndGet() == 0) {
                done.tryComplete(0L);
              }
            });
  }
}
