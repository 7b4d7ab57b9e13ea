package io.modelcontrol.cli;

import io.modelcontrol.client.McpClient;
import io.modelcontrol.client.McpClientOptions;
import io.modelcontrol.verticle.Node;
import io.modelcontrol.verticle.NodeConfig;
import io.modelcontrol.verticle.Role;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/** {@code modelctl demo}: a node in this process, on a free loopback port, and a client of it. */
@Command(name = "demo", description = "Run four real models on an embedded node")
final class DemoVerb implements Callable<Integer> {
  private static final long STOP_SECONDS = 20;

  @ParentCommand private Modelctl modelctl;

  @Override
  public Integer call() throws Exception {
    Path store = Files.createTempDirectory("modelctl-demo");
    Vertx vertx = Vertx.vertx();
    try {
      Node node = Node.deploy(vertx, config(store)).await();
      modelctl.print("node listening on mcp://127.0.0.1:" + node.port() + ", in this process");
      McpClient client = McpClient.create(vertx, new McpClientOptions().setPort(node.port()));
      client.connect().await();
      boolean right = new Demo(client, modelctl::print, this::printText).run();
      client.close().await();
      node.stop().await();
      return right ? Exit.OK : Exit.FAILED;
    } finally {
      vertx.close().await(STOP_SECONDS, TimeUnit.SECONDS);
      delete(store);
    }
  }

  private void printText(String text) {
    modelctl.console().out().print(text);
    modelctl.console().out().flush();
  }

  private static NodeConfig config(Path store) {
    return NodeConfig.of(Role.ALL)
        .with(
            new JsonObject()
                .put("server", new JsonObject().put("host", "127.0.0.1").put("port", 0))
                .put("models", new JsonObject().put("store", store.toString())));
  }

  private static void delete(Path folder) throws IOException {
    List<Path> all;
    try (Stream<Path> files = Files.walk(folder)) {
      all = files.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path file : all) {
      Files.deleteIfExists(file);
    }
  }
}
