package io.modelcontrol.serving;

import static io.modelcontrol.testing.TestNode.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.modelcontrol.DataType;
import io.modelcontrol.ModelDescriptor;
import io.modelcontrol.Tensor;
import io.modelcontrol.client.InferenceResult;
import io.modelcontrol.client.McpClient;
import io.modelcontrol.client.ModelUpload;
import io.modelcontrol.runtime.ModelHostOptions;
import io.modelcontrol.runtime.ModelIsolation;
import io.modelcontrol.runtime.ModelSettings;
import io.modelcontrol.server.McpServerOptions;
import io.modelcontrol.testing.OnnxModels;
import io.modelcontrol.testing.TestNode;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an operator sets for models of some names holds for them, and only for them. */
class ModelSettingsTest {
  private static final byte[] SLOW =
      "{\"op\":\"delay\",\"ms\":100}".getBytes(StandardCharsets.UTF_8);

  @TempDir Path store;
  private TestNode node;

  @AfterEach
  void stop() throws Exception {
    node.close();
  }

  @Test
  void theFirstPatternThatFitsHolds() throws Exception {
    McpClient client = node(of("slow-*").setWorkers(4).setOwnPool(true), of("*").setWorkers(1));
    assertThat(millisOfFour(client, "slow-wide")).isLessThan(millisOfFour(client, "slow"));
  }

  /** Four at a time, or one after the other. */
  private static long millisOfFour(McpClient client, String name) throws Exception {
    await(client.load(ModelUpload.of(name, "1", SLOW)));
    long start = System.nanoTime();
    List<Future<InferenceResult>> calls = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      calls.add(client.infer(name, Tensor.of("input", new float[] {i})));
    }
    await(Future.all(calls));
    return (System.nanoTime() - start) / 1_000_000;
  }

  @Test
  void theOperatorsBatchesNeedNoLoadParameter() throws Exception {
    McpClient client = node(of("slow").setWorkers(1).setBatchMaxSize(4));
    await(client.load(ModelUpload.of("slow", "1", SLOW)));
    List<Future<InferenceResult>> calls = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      calls.add(client.infer("slow", Tensor.of("input", new float[] {i})));
    }
    await(Future.all(calls));
    assertThat(calls)
        .anySatisfy(call -> assertThat(call.result().parameters()).containsKey("batch-rows"));
  }

  @Test
  void theOperatorCanForbidBatches() throws Exception {
    McpClient client = node(of("slow").setWorkers(1).setBatchMaxSize(1));
    await(client.load(ModelUpload.of("slow", "1", SLOW).parameter("batch.max-size", "8")));
    List<Future<InferenceResult>> calls = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      calls.add(client.infer("slow", Tensor.of("input", new float[] {i})));
    }
    await(Future.all(calls));
    assertThat(calls)
        .allSatisfy(call -> assertThat(call.result().parameters()).doesNotContainKey("batch-rows"));
  }

  @Test
  void aProviderThatIsNotThereIsSkippedAndTheDescriptorSaysWhatIsUsed() throws Exception {
    McpClient client =
        node(of("fast").setExecutionProviders(List.of("CUDA", "NoSuchThing", "CPU")));
    ModelDescriptor descriptor =
        await(client.load(ModelUpload.of("fast", "1", OnnxModels.identity(DataType.FLOAT, -1))));
    assertThat(descriptor.parameters()).containsEntry("execution-providers", "CPU");
    assertThat(await(client.infer("fast", Tensor.of("x", new float[] {1}))).first().toFloats())
        .containsExactly(1);
  }

  @Test
  void aLoadRequestNamesNoProvider() throws Exception {
    McpClient client = node();
    ModelDescriptor descriptor =
        await(
            client.load(
                ModelUpload.of("fast", "1", OnnxModels.identity(DataType.FLOAT, -1))
                    .parameter("execution-providers", "CUDA")
                    .parameter("operator.settings", "{}")));
    assertThat(descriptor.parameters()).doesNotContainKey("execution-providers");
  }

  @Test
  void settingsReachAModelInAProcessOfItsOwn() throws Exception {
    node =
        new TestNode(
            host(of("*").setExecutionProviders(List.of("CUDA")).setIntraOpThreads(2))
                .setIsolation(ModelIsolation.PROCESS),
            new McpServerOptions());
    ModelDescriptor descriptor =
        await(
            node.client()
                .load(
                    ModelUpload.of("fast", "1", OnnxModels.identity(DataType.FLOAT, -1))
                        .parameter("operator.settings", "no json")));
    assertThat(descriptor.parameters()).containsEntry("execution-providers", "CPU");
  }

  @Test
  void settingsAreReadFromTheConfiguration() throws Exception {
    node = new TestNode(host(), new McpServerOptions());
    ModelSettings settings =
        new ModelSettings(new JsonObject().put("model", "resnet*").put("batchMaxSize", 8));
    assertThat(new ModelSettings(settings.toJson()).getBatchMaxSize()).isEqualTo(8);
    settings.setProviderLibraries(List.of("a=/b"));
    ModelHostOptions options = new ModelHostOptions(host(settings).toJson());
    assertThat(options.getPerModel().get(0).getModel()).isEqualTo("resnet*");
    assertThat(options.getPerModel().get(0).getProviderLibraries()).containsExactly("a=/b");
  }

  private static ModelSettings of(String pattern) {
    return new ModelSettings().setModel(pattern);
  }

  private ModelHostOptions host(ModelSettings... settings) {
    return new ModelHostOptions()
        .setStore(store.toString())
        .setIsolation(ModelIsolation.NONE)
        .setPerModel(List.of(settings));
  }

  private McpClient node(ModelSettings... settings) throws Exception {
    node = new TestNode(host(settings), new McpServerOptions());
    return node.client();
  }
}
