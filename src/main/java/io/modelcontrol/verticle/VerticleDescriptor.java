package io.modelcontrol.verticle;

import io.vertx.core.Deployable;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;

/**
 * One entry of a file in {@code verticles/}.
 *
 * @param verticle the class, with a public constructor without parameters
 * @param options JSON of {@link DeploymentOptions}: instances, threading model, ...
 * @param config the sections of the node's config that it is given
 */
public record VerticleDescriptor(String verticle, JsonObject options, List<String> config) {
  static VerticleDescriptor of(JsonObject json) {
    return new VerticleDescriptor(
        json.getString("verticle"),
        json.getJsonObject("options", new JsonObject()),
        json.getJsonArray("config", new JsonArray()).stream().map(String.class::cast).toList());
  }

  /** How it is deployed on a node with this config. */
  DeploymentOptions deployment(NodeConfig node) {
    JsonObject sections = new JsonObject();
    config.forEach(name -> sections.put(name, node.section(name)));
    return new DeploymentOptions(options).setConfig(sections);
  }

  /** A new verticle; several where the options ask for instances. */
  Deployable create() {
    try {
      return Class.forName(verticle).asSubclass(Deployable.class).getConstructor().newInstance();
    } catch (ReflectiveOperationException | ClassCastException e) {
      throw new IllegalStateException(
          "verticle " + verticle + " is no verticle with a public constructor without parameters",
          e);
    }
  }
}
