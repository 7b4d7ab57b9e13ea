package io.modelcontrol.verticle;

import io.modelcontrol.runtime.ModelHost;
import io.modelcontrol.runtime.ModelHostOptions;
import io.modelcontrol.telemetry.Readiness;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.json.JsonObject;

/**
 * Keeps models and runs them for the sessions of all nodes. Config: {@code "models"} holds {@link
 * ModelHostOptions}; it may be missing.
 */
public class ModelVerticle extends VerticleBase {
  private static final String PART = "models";

  private ModelHost host;

  /** Made by Vert.x from the name of the class. */
  public ModelVerticle() {}

  @Override
  public Future<?> start() {
    JsonObject models = config().getJsonObject("models", new JsonObject());
    host = new ModelHost(vertx, new ModelHostOptions(models));
    return host.start().onSuccess(v -> Readiness.of(vertx).set(PART, true));
  }

  @Override
  public Future<?> stop() {
    Readiness.of(vertx).set(PART, false);
    return host.stop();
  }
}
