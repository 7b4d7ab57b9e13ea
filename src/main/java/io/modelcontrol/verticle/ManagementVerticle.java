package io.modelcontrol.verticle;

import io.modelcontrol.observe.Management;
import io.modelcontrol.observe.ObserveOptions;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.json.JsonObject;

/**
 * Serves metrics and health over HTTP. Config: {@code "observe"} holds {@link ObserveOptions};
 * without a port it does nothing. Deployed first, so that it tells of a node that is drained.
 */
public class ManagementVerticle extends VerticleBase {
  private Management management;

  /** Made by Vert.x from the name of the class. */
  public ManagementVerticle() {}

  @Override
  public Future<?> start() {
    ObserveOptions options =
        new ObserveOptions(config().getJsonObject("observe", new JsonObject()));
    if (options.getManagementPort() < 0) {
      return Future.succeededFuture();
    }
    management = new Management(vertx, options);
    return management.listen();
  }

  /** The port that is listened on; 0 for none. */
  public int actualPort() {
    return management == null ? 0 : management.port();
  }
}
