package io.modelcontrol.it;

import static io.modelcontrol.testing.TestNode.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.modelcontrol.ModelDescriptor;
import io.modelcontrol.Tensor;
import io.modelcontrol.client.InferenceRequest;
import io.modelcontrol.client.McpClient;
import io.modelcontrol.client.ModelUpdate;
import io.modelcontrol.client.ModelUpload;
import io.modelcontrol.runtime.ModelHostOptions;
import io.modelcontrol.server.McpServerOptions;
import io.modelcontrol.testing.OnnxModels;
import io.modelcontrol.testing.TestNode;
import io.vertx.core.Future;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models that are delivered into a folder which the node watches. */
class WatchedFolderTest {
  private static final byte[] ONE = OnnxModels.addWithInitializedInput(1);
  private static final byte[] TWO = OnnxModels.addWithInitializedInput(2);

  @TempDir private Path root;

  private Path folder;
  private TestNode node;
  private McpClient client;

  @BeforeEach
  void start() throws Exception {
    folder = Files.createDirectories(root.resolve("watched"));
    open();
  }

  private void open() throws Exception {
    ModelHostOptions host =
        new ModelHostOptions()
            .setStore(root.resolve("store").toString())
            .setWatchFolder(folder.toString())
            .setWatchMs(50);
    node = new TestNode(host, new McpServerOptions());
    client = node.client();
  }

  @AfterEach
  void stop() throws Exception {
    node.close();
  }

  @Test
  void servesWhatIsDeliveredAndActivatesTheHighestNumber() throws Exception {
    deliver("m/9/model.onnx", ONE);
    until(() -> versions().equals(List.of("m/9")));
    deliver("m/10/model.onnx", TWO);
    until(() -> answer() == 3);
    deliver("m/2/model.onnx", ONE);
    until(() -> versions().size() == 3);
    assertThat(answer()).isEqualTo(3);
    remove("m/10");
    until(() -> versions().equals(List.of("m/2", "m/9")));
    assertThat(answer()).isEqualTo(2);
  }

  @Test
  void forgetsWhatWasRemovedWhileItWasDown() throws Exception {
    deliver("m/1/model.onnx", ONE);
    deliver("n/1/model.onnx", TWO);
    until(() -> versions().size() == 2);
    node.close();
    remove("n");
    open();
    until(() -> versions().equals(List.of("m/1")));
  }

  @Test
  void aVersionDoesNotChange() throws Exception {
    deliver("m/1/model.onnx", ONE);
    until(() -> versions().equals(List.of("m/1")));
    ModelDescriptor before = await(client.list()).get(0);
    deliver("m/1/model.onnx", TWO);
    deliver("other/1/model.onnx", ONE);
    until(() -> versions().size() == 2);
    assertThat(await(client.list("m")).get(0).digest()).isEqualTo(before.digest());
  }

  @Test
  void takesParametersFromTheFileBesideAndRefusesOthers() throws Exception {
    Files.createDirectories(folder.resolve("m/1"));
    Files.writeString(folder.resolve("m/1/model.yaml"), "# two\nintra-op-threads: 2\n");
    deliver("m/1/model.onnx", ONE);
    Files.createDirectories(folder.resolve("bad/1"));
    Files.writeString(folder.resolve("bad/1/model.yaml"), "a: !!x [b]\n");
    deliver("bad/1/model.onnx", ONE);
    deliver("z/1/model.onnx", TWO);
    until(() -> versions().contains("z/1"));
    assertThat(versions()).containsExactly("m/1", "z/1");
    assertThat(await(client.list("m")).get(0).parameters()).containsEntry("intra-op-threads", "2");
  }

  @Test
  void looksAtNothingOutsideAndAtNoOtherNames() throws Exception {
    Path outside = Files.createDirectories(root.resolve("outside/1"));
    Files.write(outside.resolve("model.onnx"), ONE);
    Files.createSymbolicLink(folder.resolve("linked"), root.resolve("outside"));
    deliver("m/01/model.onnx", ONE);
    deliver("m/latest/model.onnx", ONE);
    deliver(".hidden/1/model.onnx", ONE);
    deliver("m/1/.model.onnx.Xy12z", ONE);
    deliver("z/1/model.onnx", new byte[] {1, 2, 3});
    deliver("zz/1/model.onnx", TWO);
    until(() -> versions().contains("zz/1"));
    assertThat(versions()).containsExactly("zz/1");
  }

  @Test
  void aDeliveryDoesNotEndATrial() throws Exception {
    deliver("m/1/model.onnx", ONE);
    until(() -> answer() == 2);
    Future<ModelDescriptor> update =
        client.update(ModelUpdate.of(ModelUpload.of("m", "2", TWO)).canary(40));
    until(() -> shares().equals("m/1 60, m/2 40"));
    deliver("m/3/model.onnx", TWO);
    until(() -> versions().contains("m/3"));
    deliver("n/1/model.onnx", ONE);
    until(() -> versions().contains("n/1"));
    assertThat(shares()).isEqualTo("m/1 60, m/2 40, m/3 0");
    await(client.rollback("m"));
    assertThat(update.failed()).isTrue();
    until(() -> shares().equals("m/1 0, m/3 100"));
  }

  /** As rsync does: under another name first. */
  private void deliver(String path, byte[] content) throws IOException {
    Path file = folder.resolve(path);
    Files.createDirectories(file.getParent());
    Path temporary = Files.write(file.resolveSibling(".part"), content);
    Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
  }

  private void remove(String path) throws IOException {
    try (Stream<Path> files = Files.walk(folder.resolve(path))) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private List<String> versions() throws Exception {
    return await(client.list()).stream().map(model -> model.id().toString()).sorted().toList();
  }

  /** Of the versions of m, how much of the requests each answers. */
  private String shares() throws Exception {
    return await(client.list("m")).stream()
        .map(model -> model.id() + " " + model.parameters().get("status.share"))
        .collect(Collectors.joining(", "));
  }

  /** What the active version adds to 1. */
  private float answer() throws Exception {
    InferenceRequest request = InferenceRequest.of("m", Tensor.of("x", new float[] {1}));
    return await(client.infer(request)).first().toFloats()[0];
  }

  private static void until(Callable<Boolean> holds) {
    Awaitility.await().ignoreExceptions().until(holds);
  }
}
