package io.modelcontrol.isolation;

import io.modelcontrol.Digest;
import io.modelcontrol.ModelId;
import io.modelcontrol.runtime.ModelHostOptions;
import io.modelcontrol.runtime.ModelIsolation;
import io.modelcontrol.runtime.ModelRuntime;
import io.modelcontrol.telemetry.Telemetry;
import io.vertx.core.Vertx;

/** Gives each model a JVM of its own, and remembers which contents have ended theirs too often. */
public final class ProcessIsolation implements ModelIsolation {
  private final Quarantine quarantine = new Quarantine(System::nanoTime);
  private ProcessStarter starter;

  @Override
  public ModelRuntime isolate(
      Vertx vertx, ModelHostOptions options, ModelRuntime inner, ModelId id, Digest digest) {
    return new IsolatedRuntime(
        Telemetry.of(vertx), starter(vertx, options), quarantine, inner, id, digest);
  }

  private synchronized ProcessStarter starter(Vertx vertx, ModelHostOptions options) {
    if (starter == null) {
      starter = new ProcessStarter(vertx, options);
    }
    return starter;
  }
}
