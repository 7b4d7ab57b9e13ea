package io.modelcontrol.it;

import static io.modelcontrol.testing.TestNode.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.Tensor;
import io.modelcontrol.client.InferenceResult;
import io.modelcontrol.client.McpClient;
import io.modelcontrol.client.McpSequence;
import io.modelcontrol.client.ModelUpload;
import io.modelcontrol.client.SequenceRequest;
import io.modelcontrol.runtime.ModelHostOptions;
import io.modelcontrol.server.McpServerOptions;
import io.modelcontrol.testing.OnnxCase;
import io.modelcontrol.testing.TestNode;
import io.vertx.core.Future;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Steps of several sequences of a real model with a state run as one, by one worker. */
@Timeout(120)
class StepBatchingTest {
  private static final int SEQUENCES = 8;
  private static final int STEPS = 15;

  @TempDir Path store;
  private TestNode node;
  private McpClient client;
  private OnnxCase silero;

  @BeforeEach
  void start() throws Exception {
    node =
        new TestNode(
            new ModelHostOptions().setStore(store.toString()).setWorkersPerModel(1),
            new McpServerOptions());
    client = node.client();
    silero = OnnxCase.real("silero_vad");
  }

  @AfterEach
  void stop() throws Exception {
    node.close();
  }

  private ModelUpload upload(String axis) {
    return ModelUpload.of("vad", "1", silero.model())
        .parameter("state.stateN", "state")
        .parameter("state-shape.state", "2,1,128")
        .parameter("state-axis.state", axis)
        .parameter("batch.max-size", Integer.toString(SEQUENCES));
  }

  /** They begin one after the other, so that what runs together is at different steps. */
  @Test
  void eachSequenceHasTheResultsThatItHasAlone() throws Exception {
    await(client.load(upload("1")));
    List<McpSequence> sequences = new ArrayList<>();
    List<List<Future<InferenceResult>>> results = new ArrayList<>();
    for (int i = 0; i < SEQUENCES; i++) {
      sequences.add(await(client.sequence(SequenceRequest.of("vad"))));
      results.add(new ArrayList<>());
    }
    for (int turn = 0; turn < STEPS + SEQUENCES; turn++) {
      for (int i = 0; i < SEQUENCES; i++) {
        int step = turn - i;
        if (step >= 0 && step < STEPS) {
          results.get(i).add(sequences.get(i).step(sounds(step)));
        }
      }
    }
    int joined = 0;
    for (List<Future<InferenceResult>> own : results) {
      for (int step = 0; step < STEPS; step++) {
        InferenceResult result = await(own.get(step));
        assertThat(result.first().toFloats()).hasSize(1);
        assertThat(result.first().toFloats()[0])
            .as("step %d", step)
            .isCloseTo(silero.expected(step).get(0).toFloats()[0], Offset.offset(1e-4f));
        joined += result.parameters().containsKey("batch-rows") ? 1 : 0;
      }
    }
    assertThat(joined).as("steps that ran with others").isPositive();
  }

  @Test
  void aStepThatIsWrongEndsItsOwnSequenceAlone() throws Exception {
    await(client.load(upload("1")));
    McpSequence good = await(client.sequence(SequenceRequest.of("vad")));
    McpSequence bad = await(client.sequence(SequenceRequest.of("vad")));
    for (int step = 0; step < STEPS; step++) {
      Future<InferenceResult> next = good.step(sounds(step));
      if (step == STEPS / 2) {
        Future<InferenceResult> wrong = bad.step(Tensor.of("input", new float[1], 1, 1));
        assertThat(catchThrowableOfType(McpException.class, () -> await(wrong))).isNotNull();
      } else if (step < STEPS / 2) {
        await(bad.step(sounds(step)));
      }
      assertThat(await(next).first().toFloats()[0])
          .isCloseTo(silero.expected(step).get(0).toFloats()[0], Offset.offset(1e-4f));
    }
  }

  @Test
  void anAxisThatIsNoDynamicDimensionIsRefused() {
    for (String axis : List.of("0", "2", "3", "x")) {
      McpException refusal =
          catchThrowableOfType(McpException.class, () -> await(client.load(upload(axis))));
      assertThat(refusal.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
      assertThat(refusal).hasMessageContaining("state-axis.state");
    }
  }

  private Tensor[] sounds(int step) throws Exception {
    return silero.inputs(step).stream()
        .filter(tensor -> !tensor.name().equals("state"))
        .toArray(Tensor[]::new);
  }
}
