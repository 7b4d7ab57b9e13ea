package io.modelcontrol.isolation;

import io.modelcontrol.Digest;
import io.modelcontrol.ModelId;
import io.modelcontrol.runtime.ModelHostOptions;
import io.modelcontrol.runtime.ModelIsolation;
import io.modelcontrol.runtime.ModelRuntime;
import io.vertx.core.Vertx;

/** Gives each model a JVM of its own, and remembers which contents have ended theirs too often. */
public final class ProcessIsolation implements ModelIsolation {
  private final Quarantine quarantine = new Quarantine(System::nanoTime);

  @Override
  public ModelRuntime isolate(
      Vertx vertx, ModelHostOptions options, ModelRuntime inner, ModelId id, Digest digest) {
    return new IsolatedRuntime(vertx, options, quarantine, inner, id, digest);
  }
}
