package io.modelcontrol.cli;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.cluster.ClusterOptions;
import io.modelcontrol.cluster.Clustering;
import io.modelcontrol.observe.Observability;
import io.modelcontrol.observe.ObserveOptions;
import io.modelcontrol.server.AuthOptions;
import io.modelcontrol.verticle.Node;
import io.modelcontrol.verticle.NodeConfig;
import io.modelcontrol.verticle.Role;
import io.vertx.core.Vertx;
import io.vertx.core.VertxBuilder;
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
    Observability observability =
        Observability.ifWanted(new ObserveOptions(config.section("observe")));
    Vertx vertx = vertx(config, observability);
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
      if (observability != null) {
        observability.close();
      }
    }
  }

  private Vertx vertx(NodeConfig config, Observability observabilityOrNull) {
    VertxBuilder builder =
        observabilityOrNull == null ? Vertx.builder() : observabilityOrNull.builder();
    VertxOptions options =
        observabilityOrNull == null ? options() : observabilityOrNull.observed(options());
    Vertx vertx =
        flags.isClustered()
            ? Clustering.clusteredVertx(
                    builder, options, new ClusterOptions(config.section("cluster")))
                .await()
            : builder.with(options).build();
    if (observabilityOrNull != null) {
      observabilityOrNull.install(vertx);
    }
    return vertx;
  }

  private static VertxOptions options() {
    return new VertxOptions()
        .setPreferNativeTransport(true)
        .setFileSystemOptions(
            new FileSystemOptions()
                .setFileCachingEnabled(false)
                .setClassPathResolvingEnabled(false));
  }

  private static String ready(NodeConfig config, Node node) {
    int management = node.managementPort();
    String role =
        ", role "
            + config.role().word()
            + (management == 0 ? "" : ", management on port " + management);
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
        + ", authentication "
        + methods;
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
