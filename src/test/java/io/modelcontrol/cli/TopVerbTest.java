package io.modelcontrol.cli;

import static io.modelcontrol.testing.TestNode.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.modelcontrol.Tensor;
import io.modelcontrol.client.McpClient;
import io.modelcontrol.client.McpClientOptions;
import io.modelcontrol.client.ModelUpload;
import io.modelcontrol.observe.Observability;
import io.modelcontrol.observe.ObserveOptions;
import io.modelcontrol.testing.OnnxModels;
import io.modelcontrol.verticle.Node;
import io.modelcontrol.verticle.NodeConfig;
import io.modelcontrol.verticle.Role;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code modelctl top} at a node that works. */
class TopVerbTest {
  private final Observability observability = Observability.create(new ObserveOptions());
  private final Vertx vertx =
      observability.builder().with(observability.observed(new VertxOptions())).build();
  private final AtomicBoolean stopped = new AtomicBoolean();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @TempDir Path folder;
  private Node node;
  private Thread load;

  @BeforeEach
  void start() throws Exception {
    observability.install(vertx);
    node =
        await(
            Node.deploy(
                vertx,
                NodeConfig.of(Role.ALL)
                    .with(
                        new JsonObject()
                            .put("server", new JsonObject().put("port", 0))
                            .put("observe", new JsonObject().put("managementPort", 0))
                            .put("models", new JsonObject().put("store", folder.toString())))));
    McpClient client = McpClient.create(vertx, new McpClientOptions().setPort(node.port()));
    await(client.connect());
    await(client.load(ModelUpload.of("add", "1", OnnxModels.add(1))));
    load = new Thread(() -> ask(client), "load");
    load.start();
  }

  private void ask(McpClient client) {
    Tensor a = Tensor.of("a", new float[] {1});
    Tensor b = Tensor.of("b", new float[] {1});
    while (!stopped.get()) {
      client.infer("add", a, b).await();
    }
  }

  @AfterEach
  void stop() throws Exception {
    stopped.set(true);
    load.join();
    await(node.stop());
    await(vertx.close());
    observability.close();
  }

  private int run(String... more) {
    String[] args = new String[more.length + 5];
    args[0] = "top";
    args[1] = "--management=http://127.0.0.1:" + node.managementPort();
    args[2] = "--interval=500";
    args[3] = "--count=2";
    args[4] = "--no-color";
    System.arraycopy(more, 0, args, 5, more.length);
    PrintStream prints = new PrintStream(out, true, StandardCharsets.UTF_8);
    PrintStream errors = new PrintStream(err, true, StandardCharsets.UTF_8);
    return Modelctl.run(new Console(prints, errors, false, Map.of()), args);
  }

  @Test
  void showsSessionsRequestsAndModels() {
    assertThat(run()).as(err.toString(StandardCharsets.UTF_8)).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains("sessions  1 ready, 0 handshaking, 0 detached")
        .containsPattern("(?m)^INFERENCE_REQ +[0-9.]+ +0.00 +[0-9.]+ +[0-9.]+ +-$")
        .containsPattern("(?m)^add/1 +[0-9.]+ +0.00 +[0-9.]+ +[0-9.]+ +[0-9.]+$");
  }

  @Test
  void printsJsonForMachines() {
    assertThat(run("--json")).isZero();
    JsonObject report =
        new JsonObject(out.toString(StandardCharsets.UTF_8).lines().findFirst().get());
    assertThat(report.getJsonObject("sessions").getDouble("ready")).isEqualTo(1);
    assertThat(report.getJsonArray("models").getJsonObject(0).getDouble("perSecond")).isPositive();
    assertThat(report.getDouble("sentBytesPerSecond")).isPositive();
  }

  @Test
  void tellsThatNobodyAnswers() {
    PrintStream nowhere = new PrintStream(err, true, StandardCharsets.UTF_8);
    Console console = new Console(nowhere, nowhere, false, Map.of());
    assertThat(Modelctl.run(console, "top", "--management=http://127.0.0.1:1"))
        .isEqualTo(Exit.NOT_CONNECTED);
    assertThat(err.toString(StandardCharsets.UTF_8)).contains("serve --management-port");
  }
}
