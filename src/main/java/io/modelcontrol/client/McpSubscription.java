package io.modelcontrol.client;

import io.vertx.codegen.annotations.Fluent;
import io.vertx.codegen.annotations.VertxGen;
import io.vertx.core.Future;
import io.vertx.core.Handler;

/** What is told of the models until it is canceled. See {@link McpClient#watch}. */
@VertxGen
public interface McpSubscription {
  /**
   * Registers who is told, with a {@link io.modelcontrol.McpException}, if the subscription ends
   * otherwise than by {@link #cancel()}; at once if it has ended so already.
   */
  @Fluent
  McpSubscription exceptionHandler(Handler<Throwable> handler);

  /** Ends the subscription; the handler is not called any more once this has completed. */
  Future<Void> cancel();
}
