package io.modelcontrol.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.Tensor;
import io.modelcontrol.runtime.onnx.OnnxRuntime;
import io.modelcontrol.testing.OnnxCase;
import io.modelcontrol.testing.OnnxModels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The state in native memory, and that of any runtime, against the same references. */
class SequenceStateTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aStateOfFixedShapeGoesFromStepToStep(boolean anyRuntime) throws Exception {
    OnnxCase silero = OnnxCase.real("silero_vad");
    Map<String, String> parameters =
        Map.of("state.stateN", "state", "state-shape.state", "2,1,128");
    try (LoadedModel model = load(silero.model());
        SequenceState state = state(model, parameters, anyRuntime)) {
      for (int step = 0; step < silero.sets(); step++) {
        List<Tensor> inputs =
            silero.inputs(step).stream().filter(t -> !t.name().equals("state")).toList();
        List<Tensor> outputs = state.step(inputs, List.of(), new RunControl());
        assertThat(outputs).hasSize(1);
        assertThat(outputs.get(0).toFloats())
            .as("step %d", step)
            .containsExactly(silero.expected(step).get(0).toFloats(), offset());
        outputs.forEach(Tensor::release);
      }
    }
  }

  private static org.assertj.core.data.Offset<Float> offset() {
    return org.assertj.core.data.Offset.offset(1e-5f);
  }

  /** Its shape is not the one that the step before leads to expect. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aStateOfUnexpectedShapeIsCarriedToo(boolean anyRuntime) throws Exception {
    Map<String, String> parameters = Map.of("state.after", "before");
    try (LoadedModel model = load(OnnxModels.everLonger());
        SequenceState state = state(model, parameters, anyRuntime)) {
      assertThat(step(state, 1)).containsExactly(0);
      assertThat(step(state, 2)).containsExactly(0, 1);
      assertThat(step(state, 3)).containsExactly(0, 1, 2);
      assertThat(step(state, 4)).containsExactly(0, 1, 2, 3);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aStepThatFailsLeavesTheStateAsItWas(boolean anyRuntime) throws Exception {
    try (LoadedModel model = load(OnnxModels.runningSum());
        SequenceState state = state(model, Map.of("state.total", "before"), anyRuntime)) {
      assertThat(step(state, 1)).containsExactly(0);
      assertFails(state, List.of(Tensor.of("x", new float[2])), List.of());
      assertFails(state, List.of(), List.of());
      assertFails(
          state,
          List.of(Tensor.of("x", new float[1]), Tensor.of("before", new float[1])),
          List.of());
      assertFails(state, List.of(Tensor.of("x", new float[1])), List.of("total"));
      assertThat(step(state, 2)).containsExactly(1);
      assertThat(step(state, 0)).containsExactly(3);
    }
  }

  @Test
  void aModelThatIsClosedFreesItsStates() throws Exception {
    LoadedModel model = load(OnnxModels.runningSum());
    SequenceState state = state(model, Map.of("state.total", "before"), false);
    assertThat(step(state, 1)).containsExactly(0);
    model.close();
    assertThatThrownBy(() -> step(state, 1))
        .isInstanceOfSatisfying(
            McpException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.MODEL_NOT_READY));
    state.close();
    state.close();
  }

  private static void assertFails(SequenceState state, List<Tensor> inputs, List<String> outputs) {
    assertThatThrownBy(() -> state.step(inputs, outputs, new RunControl()))
        .isInstanceOf(McpException.class);
  }

  private static float[] step(SequenceState state, float value) {
    List<Tensor> outputs =
        state.step(List.of(Tensor.of("x", new float[] {value})), List.of(), new RunControl());
    assertThat(outputs).hasSize(1);
    float[] seen = outputs.get(0).toFloats();
    outputs.forEach(Tensor::release);
    return seen;
  }

  private LoadedModel load(byte[] content) throws Exception {
    Path file = Files.write(folder.resolve("model.onnx"), content);
    return new OnnxRuntime().load(file, Map.of());
  }

  private static SequenceState state(
      LoadedModel model, Map<String, String> parameters, boolean anyRuntime) {
    StateSpec spec = StateSpec.of(parameters, model.inputs(), model.outputs());
    return anyRuntime ? new CarriedState(model, spec) : model.newState(spec);
  }
}
