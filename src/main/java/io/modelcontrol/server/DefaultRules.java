package io.modelcontrol.server;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;

/** What the roles that {@code modelctl keys} hands out may do. */
final class DefaultRules {
  static final List<JsonObject> JSON =
      List.of(
          rule("admin", "*"),
          rule("publisher", "MODEL_LOAD_REQ", "MODEL_UNLOAD_REQ", "MODEL_UPDATE", "STATE_SYNC"),
          rule("client", "STATE_SYNC", "INFERENCE_REQ", "INFERENCE_STREAM"),
          rule("monitor", "STATE_SYNC"),
          rule("anonymous", "*"));

  private DefaultRules() {}

  private static JsonObject rule(String role, String... types) {
    return new JsonObject()
        .put("role", role)
        .put("types", new JsonArray(List.of(types)))
        .put("models", new JsonArray(List.of("*")));
  }
}
