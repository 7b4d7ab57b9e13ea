package io.modelcontrol.bench.bus;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.concurrent.TimeoutException;

/** The limit: one event loop hands over to the other, and that one back. */
final class DirectHop extends Hop {
  private final Context other;

  DirectHop(Vertx vertx) throws TimeoutException {
    super(vertx);
    other = eventLoop(vertx);
  }

  @Override
  public void call(Caller asker) {
    other.runOnContext(there -> caller().runOnContext(back -> asker.answered(0)));
  }
}
