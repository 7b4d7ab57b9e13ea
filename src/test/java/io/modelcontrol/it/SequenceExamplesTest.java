package io.modelcontrol.it;

import static io.modelcontrol.testing.TestNode.await;
import static org.assertj.core.api.Assertions.assertThat;

import examples.StreamExamples;
import io.modelcontrol.client.GenerationEnd;
import io.modelcontrol.client.McpClient;
import io.modelcontrol.client.ModelUpload;
import io.modelcontrol.testing.TestNode;
import io.vertx.core.Future;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SequenceExamplesTest {
  private static final Path MODELS = Path.of("src/test/resources/onnx-pack/models");

  private final StreamExamples examples = new StreamExamples();

  @TempDir Path store;
  private TestNode node;
  private McpClient client;

  @BeforeEach
  void start() throws TimeoutException {
    node = new TestNode(store);
    client = node.client();
  }

  @AfterEach
  void stop() throws TimeoutException {
    node.close();
  }

  @Test
  void silenceIsNoSpeechStepByStep() throws TimeoutException {
    await(
        client.load(
            ModelUpload.of("vad", "1", MODELS.resolve("silero_vad/model.onnx"))
                .parameter("state.stateN", "state")
                .parameter("state-shape.state", "2,1,128")));
    List<Float> speech =
        await(examples.speech(client, List.of(new float[576], new float[576], new float[576])));
    assertThat(speech).hasSize(3).allMatch(probability -> probability < 0.5f);
  }

  @Test
  void aStoryIsToldTokenByToken() throws TimeoutException {
    await(
        client.load(
            ModelUpload.of("story", "1", MODELS.resolve("stories260k_kvcache/model.onnx"))
                .parameter("state.present.*", "past.*")
                .parameter("state-shape.past.*", "1,4,0,8")
                .parameter("generate.tokens", "input_ids")
                .parameter("generate.positions", "position_ids")
                .parameter("generate.logits", "logits")));
    List<Long> told = new ArrayList<>();
    GenerationEnd end =
        await(
            examples.tell(
                client,
                token -> {
                  told.add(token);
                  return Future.succeededFuture();
                }));
    assertThat(end).isEqualTo(new GenerationEnd(GenerationEnd.LENGTH, 200));
    assertThat(told).hasSize(200);
  }
}
