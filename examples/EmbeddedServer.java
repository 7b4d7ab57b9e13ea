package examples;

import io.modelcontrol.runtime.ModelHost;
import io.modelcontrol.runtime.ModelHostOptions;
import io.modelcontrol.server.McpServer;
import io.modelcontrol.server.McpServerOptions;
import io.modelcontrol.serving.ModelService;
import io.modelcontrol.serving.ServingOptions;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;

/** A verticle that serves models; its config holds keys of both options. The README shows it. */
public final class EmbeddedServer extends VerticleBase {
  private ModelHost host;
  private McpServer server;

  @Override
  public Future<?> start() {
    host = new ModelHost(vertx, new ModelHostOptions(config()));
    server = McpServer.create(vertx, new McpServerOptions(config()));
    ModelService.create(vertx, new ServingOptions()).mount(server);
    return host.start().compose(v -> server.listen());
  }

  @Override
  public Future<?> stop() {
    return server.close().compose(v -> host.stop());
  }

  /** Serves on 127.0.0.1:9001 until the process ends. */
  public static void main(String[] args) {
    Vertx.vertx().deployVerticle(new EmbeddedServer()).await();
  }
}
