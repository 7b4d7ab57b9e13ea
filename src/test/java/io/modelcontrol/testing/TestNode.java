package io.modelcontrol.testing;

import io.modelcontrol.McpException;
import io.modelcontrol.client.McpClient;
import io.modelcontrol.client.McpClientOptions;
import io.modelcontrol.runtime.ModelHost;
import io.modelcontrol.runtime.ModelHostOptions;
import io.modelcontrol.server.McpServer;
import io.modelcontrol.server.McpServerOptions;
import io.modelcontrol.serving.ModelService;
import io.modelcontrol.serving.ServingOptions;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A node with sessions and models in one process, on a free port, and clients of it. */
@SuppressWarnings("try") // a test that is interrupted while it closes fails, as it should
public final class TestNode implements AutoCloseable {
  private static final long WAIT_SECONDS = 60;

  private final Vertx vertx;
  private final List<McpClient> clients = new ArrayList<>();
  private final McpServer server;

  public TestNode(Path store) throws TimeoutException {
    this(new ModelHostOptions().setStore(store.toString()), new McpServerOptions());
  }

  public TestNode(ModelHostOptions host, McpServerOptions options) throws TimeoutException {
    this(host, options, new ServingOptions());
  }

  public TestNode(ModelHostOptions host, McpServerOptions options, ServingOptions serving)
      throws TimeoutException {
    this(Vertx.vertx(), host, options, serving);
  }

  /**
   * A node in a Vert.x instance.
   *
   * @param vertx closed with the node
   */
  public TestNode(
      Vertx vertx, ModelHostOptions host, McpServerOptions options, ServingOptions serving)
      throws TimeoutException {
    this.vertx = vertx;
    HostVerticle models = new HostVerticle(host);
    ServerVerticle sessions = new ServerVerticle(new McpServerOptions(options).setPort(0), serving);
    await(vertx.deployVerticle(models));
    await(vertx.deployVerticle(sessions));
    server = sessions.server;
  }

  /** One more host of models in the same process, with a store of its own. */
  public void addHost(ModelHostOptions host) throws TimeoutException {
    await(vertx.deployVerticle(new HostVerticle(host)));
  }

  public Vertx vertx() {
    return vertx;
  }

  public McpServer server() {
    return server;
  }

  public int port() {
    return server.actualPort();
  }

  /** A client that is connected. */
  public McpClient client() throws TimeoutException {
    return client(new McpClientOptions());
  }

  /** A client with options of its own, connected. */
  public McpClient client(McpClientOptions options) throws TimeoutException {
    McpClient client = McpClient.create(vertx, new McpClientOptions(options).setPort(port()));
    clients.add(client);
    await(client.connect());
    return client;
  }

  public static <T> T await(Future<T> future) throws TimeoutException {
    return future.await(WAIT_SECONDS, TimeUnit.SECONDS);
  }

  /** What a future fails with that has to fail. */
  public static McpException failure(Future<?> future) throws TimeoutException {
    try {
      await(future);
    } catch (McpException e) {
      return e;
    }
    throw new AssertionError("it did not fail");
  }

  @Override
  public void close() throws TimeoutException {
    for (McpClient client : clients) {
      await(client.close());
    }
    await(vertx.close());
  }

  private static final class HostVerticle extends VerticleBase {
    private final ModelHostOptions options;
    private ModelHost host;

    HostVerticle(ModelHostOptions options) {
      this.options = options;
    }

    @Override
    public Future<?> start() {
      host = new ModelHost(vertx, options);
      return host.start();
    }

    @Override
    public Future<?> stop() {
      return host.stop();
    }
  }

  private static final class ServerVerticle extends VerticleBase {
    private final McpServerOptions options;
    private final ServingOptions serving;
    private McpServer server;
    private ModelService service;

    ServerVerticle(McpServerOptions options, ServingOptions serving) {
      this.options = options;
      this.serving = serving;
    }

    @Override
    public Future<?> start() {
      server = McpServer.create(vertx, options);
      service = ModelService.create(vertx, serving).mount(server);
      return server.listen();
    }

    @Override
    public Future<?> stop() {
      service.close();
      return server.close();
    }
  }
}
