package io.modelcontrol.bench.bus;

import io.modelcontrol.bench.echo.Echo;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.EventBus;
import io.vertx.core.eventbus.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** There and back; calls are made on an event loop of the calling node. */
abstract class Hop implements Echo {
  private static final long WAIT_SECONDS = 60;

  private record Deployed(Vertx vertx, String id) {}

  private final List<Deployed> deployed = new ArrayList<>();
  private final Context caller;

  /**
   * @param vertx the node that calls
   */
  Hop(Vertx vertx) throws TimeoutException {
    caller = eventLoop(vertx);
  }

  final Context caller() {
    return caller;
  }

  /** That of a verticle, so that each is on the next event loop; ends with the hop. */
  final Context eventLoop(Vertx vertx) throws TimeoutException {
    Context[] made = new Context[1];
    String id =
        await(
            vertx.deployVerticle(
                context -> {
                  made[0] = context;
                  return Future.succeededFuture();
                }));
    deployed.add(new Deployed(vertx, id));
    return made[0];
  }

  /** On an event loop of its own, known to all nodes. */
  final <T> void consume(Vertx vertx, EventBus bus, String address, Handler<Message<T>> handler)
      throws TimeoutException {
    Promise<Void> known = Promise.promise();
    eventLoop(vertx)
        .runOnContext(v -> bus.consumer(address, handler).completion().onComplete(known));
    await(known.future());
  }

  static <T> T await(Future<T> future) throws TimeoutException {
    return future.await(WAIT_SECONDS, TimeUnit.SECONDS);
  }

  /** An answer of another size must not count. */
  static void check(boolean right) {
    if (!right) {
      throw new IllegalStateException("not the answer that was expected");
    }
  }

  @Override
  public void execute(Runnable task) {
    caller.runOnContext(v -> task.run());
  }

  @Override
  public void close() throws TimeoutException {
    for (Deployed verticle : deployed) {
      await(verticle.vertx().undeploy(verticle.id()));
    }
  }
}
