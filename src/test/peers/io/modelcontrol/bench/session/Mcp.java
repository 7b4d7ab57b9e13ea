package io.modelcontrol.bench.session;

import io.modelcontrol.server.McpServer;
import io.modelcontrol.server.McpServerOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/** A server of this project on an event loop of its own. */
final class Mcp {
  /** The type of its requests, an application's own: no model is behind them. */
  static final int TYPE = 0x80;

  private static final int STREAMS = 4096;

  private Mcp() {}

  /**
   * Listens on a free port.
   *
   * @param handlers registers who handles what
   */
  static McpServer serve(Vertx vertx, Consumer<McpServer> handlers) throws TimeoutException {
    McpServer server =
        McpServer.create(vertx, new McpServerOptions().setPort(0).setMaxConcurrentStreams(STREAMS));
    handlers.accept(server);
    await(vertx.deployVerticle(context -> server.listen()));
    return server;
  }

  static void await(Future<?> future) throws TimeoutException {
    future.await(30, TimeUnit.SECONDS);
  }
}
