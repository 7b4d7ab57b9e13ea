package io.modelcontrol.telemetry;

import io.vertx.core.Vertx;
import io.vertx.core.shareddata.LocalMap;

/** Where the telemetry of a Vert.x is kept. */
final class Installed {
  static final String KEY = "installed";
  private static final String MAP = "mcp.telemetry";

  private Installed() {}

  static LocalMap<String, Telemetry> in(Vertx vertx) {
    return vertx.sharedData().getLocalMap(MAP);
  }
}
