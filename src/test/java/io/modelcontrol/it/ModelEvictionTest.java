package io.modelcontrol.it;

import static io.modelcontrol.testing.TestNode.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.modelcontrol.Digest;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.ModelDescriptor;
import io.modelcontrol.Tensor;
import io.modelcontrol.client.InferenceRequest;
import io.modelcontrol.client.McpClient;
import io.modelcontrol.client.ModelUpload;
import io.modelcontrol.model.Footprints;
import io.modelcontrol.runtime.ModelHostOptions;
import io.modelcontrol.server.McpServerOptions;
import io.modelcontrol.testing.OnnxModels;
import io.modelcontrol.testing.TestNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Memory for models that holds two of them, over a socket. */
class ModelEvictionTest {
  private static final long ONE_MODEL = 100L << 20;
  private static final long TWO_MODELS = 2 * ONE_MODEL + ONE_MODEL / 2;

  private static final byte[] MODEL = OnnxModels.add(1);

  @TempDir private Path store;

  @Test
  void refusesAThirdModelAndTheOthersGoOn() throws Exception {
    try (TestNode node = node(false)) {
      McpClient client = node.client();
      load(client, "a");
      load(client, "b");
      assertThatExceptionOfType(McpException.class)
          .isThrownBy(() -> load(client, "c"))
          .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.RESOURCE_EXHAUSTED))
          .withMessageContaining("bytes for models");
      assertThat(names(client)).containsExactly("a", "b");
      assertThat(sum(client, "a")).isEqualTo(3);
      assertThat(sum(client, "b")).isEqualTo(3);
      await(client.unload("a"));
      load(client, "c");
      assertThat(names(client)).containsExactly("b", "c");
    }
  }

  @Test
  void evictsTheModelThatWasUsedLongestAgoAndItsContentStays() throws Exception {
    try (TestNode node = node(true)) {
      McpClient client = node.client();
      load(client, "a");
      load(client, "b");
      sum(client, "a");
      load(client, "c");
      assertThat(names(client)).containsExactly("a", "c");
      assertThat(sum(client, "a")).isEqualTo(3);
      assertThatExceptionOfType(McpException.class)
          .isThrownBy(() -> sum(client, "b"))
          .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.MODEL_NOT_FOUND));
      load(client, "b");
      assertThat(names(client)).containsExactly("a", "b");
    }
    try (TestNode node = node(true)) {
      assertThat(names(node.client())).containsExactly("a", "b");
    }
  }

  private TestNode node(boolean evict) throws Exception {
    // All have the same content, which is said to have taken more than it ever will.
    Files.createDirectories(store);
    Footprints.open(store).put(Digest.of(sha256()), ONE_MODEL);
    ModelHostOptions host =
        new ModelHostOptions()
            .setStore(store.toString())
            .setWorkersPerModel(1)
            .setActivationTimeoutMs(0)
            .setMaxModelMemoryBytes(TWO_MODELS)
            .setEvictModels(evict);
    return new TestNode(host, new McpServerOptions());
  }

  private static byte[] sha256() throws Exception {
    return MessageDigest.getInstance("SHA-256").digest(MODEL);
  }

  private static void load(McpClient client, String name) throws Exception {
    await(client.load(ModelUpload.of(name, "1", MODEL)));
  }

  private static List<String> names(McpClient client) throws Exception {
    return await(client.list()).stream().map(ModelDescriptor::id).map(id -> id.name()).toList();
  }

  private static float sum(McpClient client, String name) throws Exception {
    InferenceRequest request =
        InferenceRequest.of(name, Tensor.of("a", new float[] {1}), Tensor.of("b", new float[] {2}));
    return await(client.infer(request)).first().toFloats()[0];
  }
}
