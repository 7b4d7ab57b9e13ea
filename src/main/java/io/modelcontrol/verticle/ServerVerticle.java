package io.modelcontrol.verticle;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.server.AuthOptions;
import io.modelcontrol.server.McpServer;
import io.modelcontrol.server.McpServerOptions;
import io.modelcontrol.serving.ModelService;
import io.modelcontrol.serving.ServingOptions;
import io.modelcontrol.telemetry.Readiness;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.json.JsonObject;
import java.net.BindException;
import java.util.concurrent.TimeUnit;

/**
 * Listens for sessions and serves models on them. Config: {@code "server"} holds {@link
 * McpServerOptions}, {@code "auth"} {@link AuthOptions}, {@code "serving"} {@link ServingOptions};
 * each may be missing.
 */
public class ServerVerticle extends VerticleBase {
  /** What runs when the verticle is undeployed may take this long; the rest is closed. */
  static final long DRAIN_MS = 3_000;

  private static final String PART = "sessions";

  private McpServer server;
  private ModelService service;

  /** Made by Vert.x from the name of the class. */
  public ServerVerticle() {}

  @Override
  public Future<?> start() {
    McpServerOptions options = new McpServerOptions(section("server"));
    server = McpServer.create(vertx, options).auth(new AuthOptions(section("auth")));
    service = ModelService.create(vertx, new ServingOptions(section("serving"))).mount(server);
    return server
        .listen()
        .onSuccess(listening -> Readiness.of(vertx).set(PART, true))
        .recover(failure -> Future.failedFuture(explained(options, failure)));
  }

  private JsonObject section(String name) {
    return config().getJsonObject(name, new JsonObject());
  }

  private static Throwable explained(McpServerOptions options, Throwable failure) {
    if (!(failure instanceof BindException)) {
      return failure;
    }
    return McpException.streamError(
        ErrorCode.RESOURCE_EXHAUSTED,
        "cannot listen on "
            + options.getHost()
            + ":"
            + options.getPort()
            + ", "
            + "it is in use or not an address of this machine",
        failure);
  }

  /** The port that is listened on; 0 before. */
  public int actualPort() {
    return server == null ? 0 : server.actualPort();
  }

  /** Lets what was accepted finish, then closes. */
  @Override
  public Future<?> stop() {
    Readiness.of(vertx).set(PART, false);
    service.close();
    return server.shutdown(DRAIN_MS, TimeUnit.MILLISECONDS);
  }
}
