package io.modelcontrol.observe;

import io.modelcontrol.telemetry.Readiness;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.healthchecks.CheckResult;
import io.vertx.ext.healthchecks.HealthChecks;
import io.vertx.ext.healthchecks.Status;

/**
 * The management port: {@code /metrics}, {@code /health/live}, {@code /health/ready}. Small
 * requests only, without bodies; it holds nothing that is secret and changes nothing.
 */
public final class Management {
  private static final int MAX_HEADER_BYTES = 4096;
  private static final int MAX_LINE_BYTES = 1024;
  private static final int IDLE_SECONDS = 10;
  private static final int OK = 200;
  private static final int NOT_FOUND = 404;
  private static final int UNAVAILABLE = 503;
  private static final String OPEN_METRICS = "application/openmetrics-text";
  private static final String PROMETHEUS = "text/plain";

  private final Vertx vertx;
  private final ObserveOptions options;
  private final HealthChecks ready;
  private HttpServer server;

  /** Does not listen yet. */
  public Management(Vertx vertx, ObserveOptions options) {
    this.vertx = vertx;
    this.options = options;
    this.ready = readiness(vertx);
  }

  /**
   * The checks of readiness: a node is ready when each of its parts is there and takes work; one
   * that is drained is not. For applications that have a health endpoint of their own.
   */
  public static HealthChecks readiness(Vertx vertx) {
    return HealthChecks.create(vertx)
        .register(
            "node",
            promise -> {
              JsonObject parts = new JsonObject();
              Readiness.of(vertx).parts().forEach(parts::put);
              boolean all =
                  !parts.isEmpty()
                      && parts.stream().allMatch(part -> Boolean.TRUE.equals(part.getValue()));
              promise.complete(all ? Status.OK(parts) : Status.KO(parts));
            });
  }

  /** Listens. */
  public Future<Management> listen() {
    server =
        vertx
            .createHttpServer(
                new HttpServerOptions()
                    .setMaxHeaderSize(MAX_HEADER_BYTES)
                    .setMaxInitialLineLength(MAX_LINE_BYTES)
                    .setIdleTimeout(IDLE_SECONDS))
            .requestHandler(this::handle);
    return server
        .listen(options.getManagementPort(), options.getManagementHost())
        .map(listening -> this);
  }

  /** The port that is listened on. */
  public int port() {
    return server.actualPort();
  }

  private void handle(HttpServerRequest request) {
    if (!HttpMethod.GET.equals(request.method())) {
      request.response().setStatusCode(NOT_FOUND).end();
      return;
    }
    switch (request.path()) {
      case "/metrics" -> metrics(request);
      case "/health/live" -> answer(request, OK, new JsonObject().put("status", "UP"));
      case "/health/ready" -> ready.checkStatus().onSuccess(result -> health(request, result));
      default -> request.response().setStatusCode(NOT_FOUND).end();
    }
  }

  private static void health(HttpServerRequest request, CheckResult result) {
    boolean up = CheckResult.isUp(result);
    JsonArray parts = new JsonArray();
    result
        .getChecks()
        .forEach(
            check -> {
              JsonObject data = check.getData();
              if (data != null) {
                data.forEach(
                    part ->
                        parts.add(
                            new JsonObject()
                                .put("part", part.getKey())
                                .put("ready", part.getValue())));
              }
            });
    answer(
        request,
        up ? OK : UNAVAILABLE,
        new JsonObject().put("status", up ? "UP" : "DOWN").put("parts", parts));
  }

  private static void answer(HttpServerRequest request, int status, JsonObject body) {
    request
        .response()
        .setStatusCode(status)
        .putHeader("content-type", "application/json")
        .end(body.toBuffer());
  }

  /** Many metrics make a long text: not on the event loop. */
  private void metrics(HttpServerRequest request) {
    Observability observability = Observability.of(vertx);
    if (observability == null) {
      request.response().setStatusCode(NOT_FOUND).end();
      return;
    }
    String accepted = request.getHeader("accept");
    String type = accepted != null && accepted.contains(OPEN_METRICS) ? OPEN_METRICS : PROMETHEUS;
    vertx
        .executeBlocking(() -> observability.scrape(type))
        .onSuccess(
            text ->
                request.response().putHeader("content-type", type + "; charset=utf-8").end(text))
        .onFailure(failure -> request.response().setStatusCode(UNAVAILABLE).end());
  }
}
