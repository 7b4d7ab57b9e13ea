package io.modelcontrol.it;

import static io.modelcontrol.testing.TestNode.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import examples.WeakNetworkExamples;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.Tensor;
import io.modelcontrol.client.InferenceResult;
import io.modelcontrol.client.McpClient;
import io.modelcontrol.client.ModelUpload;
import io.modelcontrol.runtime.ModelHostOptions;
import io.modelcontrol.testing.TestNode;
import io.vertx.core.Future;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WeakNetworkExamplesTest {
  private final WeakNetworkExamples examples = new WeakNetworkExamples();

  @TempDir Path folder;
  private TestNode node;
  private McpClient client;

  @BeforeEach
  void start() throws TimeoutException {
    String store = folder.resolve("store").toString();
    node = new TestNode(new ModelHostOptions().setStore(store), examples.patientServer());
    client = McpClient.create(node.vertx(), examples.mobileDevice().setPort(node.port()));
    await(client.connect());
  }

  @AfterEach
  void stop() throws TimeoutException {
    await(client.close());
    node.close();
  }

  @Test
  void theSameIdIsAnsweredFromTheRecord() throws IOException, TimeoutException {
    Path model = Files.writeString(folder.resolve("adder.json"), "{\"op\": \"add\"}");
    await(client.load(ModelUpload.of("adder", "1", model)));
    byte[] id = new byte[16];
    assertThat(sum(ask(id, 1, 2))).isEqualTo(3);
    await(client.unload("adder"));
    assertThat(sum(ask(id, 1, 2))).isEqualTo(3);
    assertThatThrownBy(() -> ask(id, 1, 3))
        .isInstanceOfSatisfying(
            McpException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.IDEMPOTENCY_CONFLICT));
  }

  @Test
  void withoutTheModelAllEndTogether() {
    Tensor[] pair = {number("a", 1), number("b", 2)};
    List<Future<InferenceResult>> all = examples.together(client, List.of(pair, pair));
    for (Future<InferenceResult> one : all) {
      assertThatThrownBy(() -> await(one))
          .isInstanceOfSatisfying(
              McpException.class,
              e ->
                  assertThat(e.code()).isIn(ErrorCode.MODEL_NOT_FOUND, ErrorCode.REQUEST_CANCELED));
    }
  }

  private InferenceResult ask(byte[] id, float a, float b) throws TimeoutException {
    return await(examples.askOnce(client, id, number("a", a), number("b", b)));
  }

  private static float sum(InferenceResult result) {
    return result.tensor("sum").toFloats()[0];
  }

  private static Tensor number(String name, float value) {
    return Tensor.of(name, new float[] {value});
  }
}
