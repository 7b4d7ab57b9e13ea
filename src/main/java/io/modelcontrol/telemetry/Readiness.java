package io.modelcontrol.telemetry;

import io.vertx.core.Vertx;
import io.vertx.core.shareddata.LocalMap;
import java.util.Map;
import java.util.TreeMap;

/** Which parts of a node are there, and which of them take work; one for each Vert.x. */
public final class Readiness {
  private static final String MAP = "mcp.readiness";

  private final LocalMap<String, Boolean> parts;

  private Readiness(LocalMap<String, Boolean> parts) {
    this.parts = parts;
  }

  /** That of a Vert.x. */
  public static Readiness of(Vertx vertx) {
    return new Readiness(vertx.sharedData().getLocalMap(MAP));
  }

  /** A part takes work, or does not while it starts or is drained. */
  public void set(String part, boolean ready) {
    parts.put(part, ready);
  }

  /** A part is gone, as it should be. */
  public void remove(String part) {
    parts.remove(part);
  }

  /** The parts by name. */
  public Map<String, Boolean> parts() {
    return new TreeMap<>(parts);
  }
}
