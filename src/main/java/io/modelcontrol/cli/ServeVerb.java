package io.modelcontrol.cli;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.cluster.ClusterOptions;
import io.modelcontrol.cluster.Clustering;
import io.modelcontrol.server.AuthOptions;
import io.modelcontrol.verticle.Node;
import io.modelcontrol.verticle.NodeConfig;
import io.modelcontrol.verticle.Role;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.json.JsonObject;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParentCommand;

/** {@code modelctl serve}. */
@Command(name = "serve", description = "Run a node until SIGTERM or SIGINT", sortOptions = false)
final class ServeVerb implements Callable<Integer> {
  private static final long STOP_SECONDS = 10;

  @ParentCommand private Modelctl modelctl;

  @Mixin private ServeFlags flags;

  @Override
  public Integer call() throws InterruptedException {
    NodeConfig config = flags.config();
    Vertx vertx = vertx(config);
    try {
      Node node = Node.deploy(vertx, config).await();
      CountDownLatch stop = new CountDownLatch(1);
      Signals.onStop(stop::countDown);
      modelctl.print(ready(config, node));
      modelctl.console().out().flush();
      stop.await();
      await(node);
      return Exit.OK;
    } finally {
      close(vertx);
    }
  }

  private Vertx vertx(NodeConfig config) {
    VertxOptions options =
        new VertxOptions()
            .setPreferNativeTransport(true)
            .setFileSystemOptions(
                new FileSystemOptions()
                    .setFileCachingEnabled(false)
                    .setClassPathResolvingEnabled(false));
    if (!flags.isClustered()) {
      return Vertx.vertx(options);
    }
    ClusterOptions cluster = new ClusterOptions(config.section("cluster"));
    return Clustering.clusteredVertx(options, cluster).await();
  }

  private static String ready(NodeConfig config, Node node) {
    String role = ", role " + config.role().word();
    if (config.role() == Role.MODEL) {
      return "listening on the event bus" + role;
    }
    JsonObject server = config.section("server");
    String host = server.getString("host");
    String shown = host.contains(":") ? "[" + host + "]" : host;
    String methods = String.join(" or ", new AuthOptions(config.section("auth")).getMethods());
    String scheme = server.containsKey("tls") ? "mcps" : "mcp";
    return "listening on "
        + scheme
        + "://"
        + shown
        + ":"
        + node.port()
        + role
        + ", authentication " + methods;
  }

  private static void await(Node node) {
    try {
      node.stop().await(STOP_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw McpException.streamError(
          ErrorCode.DEADLINE_EXCEEDED, "not stopped within " + STOP_SECONDS + " s", e);
    }
  }

  private static void close(Vertx vertx) {
    try {
      vertx.close().await(STOP_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw McpException.streamError(
          ErrorCode.DEADLINE_EXCEEDED, "not closed within " + STOP_SECONDS + " s", e);
    }
  }
}
