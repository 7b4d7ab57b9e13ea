package io.modelcontrol.runtime;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;

/**
 * What an operator wants of a runtime for one model; a load request cannot set it.
 *
 * @param intraOpThreads threads that work on one operator; 0 leaves it to the load request
 * @param executionProviders what executes the model, the first first; none: the runtime's choice
 * @param providerLibraries plug-ins to register before, each {@code NAME=PATH}
 */
public record RuntimeSettings(
    int intraOpThreads, List<String> executionProviders, List<String> providerLibraries) {
  /** The operator leaves everything open. */
  public static final RuntimeSettings OPEN = new RuntimeSettings(0, List.of(), List.of());

  public RuntimeSettings {
    executionProviders = List.copyOf(executionProviders);
    providerLibraries = List.copyOf(providerLibraries);
  }

  /** For the process that runs a model. */
  public String toJson() {
    return new JsonObject()
        .put("intraOpThreads", intraOpThreads)
        .put("executionProviders", new JsonArray(executionProviders))
        .put("providerLibraries", new JsonArray(providerLibraries))
        .encode();
  }

  /** What {@link #toJson} was. */
  public static RuntimeSettings ofJson(String text) {
    JsonObject json = new JsonObject(text);
    return new RuntimeSettings(
        json.getInteger("intraOpThreads"),
        strings(json.getJsonArray("executionProviders")),
        strings(json.getJsonArray("providerLibraries")));
  }

  private static List<String> strings(JsonArray array) {
    return array.stream().map(String.class::cast).toList();
  }
}
