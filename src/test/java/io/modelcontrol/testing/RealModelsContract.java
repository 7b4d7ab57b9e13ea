package io.modelcontrol.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.modelcontrol.DataType;
import io.modelcontrol.Tensor;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the real models of the public pack must give, in one process or over a socket: subclasses
 * say how they are run.
 */
public abstract class RealModelsContract {
  private static final int STORY_STEPS = 200;

  protected abstract CaseExecutor executor();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "gpt2_tiny_kvcache",
        "magika_v3_3",
        "mobilenet_edgetpu_int8_part",
        "squeezenet_winml",
        "stories260k_kvcache",
        "x_conv_int4_weights",
        "x_multitype",
        "x_strings",
        "x_zero_dim_output"
      })
  void agreesWithThePublishedOutputs(String name) throws Exception {
    OnnxCase model = OnnxCase.real(name);

    assertThat(model.sets()).isPositive();
    for (int set = 0; set < model.sets(); set++) {
      assertThat(model.difference(set, executor())).as("%s, set %d", name, set).isEmpty();
    }
  }

  @Test
  void recognizesTwentyOneOfTwentyOneDigits() throws Exception {
    OnnxCase model = OnnxCase.real("mnist_cntk");
    JsonArray labels = new JsonArray(model.text("expected_labels.json"));

    assertThat(model.difference(0, executor())).isEmpty();
    for (int set = 1; set < labels.size(); set++) {
      float[] logits = only(run(model, model.inputs(set))).toFloats();
      assertThat(largest(logits, 0, logits.length)).isEqualTo(labels.getInteger(set));
    }
    assertThat(labels.size() - 1).isEqualTo(21);
  }

  @Test
  void namesTheKindOfThirtySevenFilesAsUpstreamDoes() throws Exception {
    OnnxCase model = OnnxCase.real("magika_v3_3");
    JsonArray names = new JsonArray(model.text("labels.json"));
    // The labelled rows are those of the last set.
    Tensor scores = only(run(model, model.inputs(model.sets() - 1)));
    float[] values = scores.toFloats();
    List<String> kinds = new ArrayList<>();
    for (int row = 0; row < scores.dimension(0); row++) {
      kinds.add(names.getString(largest(values, row * names.size(), names.size())));
    }

    JsonArray expected = new JsonArray(model.text("expected_labels.json"));
    assertThat(expected.size()).isEqualTo(37);
    assertThat(kinds)
        .isEqualTo(expected.stream().map(row -> ((JsonObject) row).getString("label")).toList());
  }

  @ParameterizedTest
  @ValueSource(strings = {"silero_vad", "gpt2_tiny_kvcache", "stories260k_kvcache"})
  void carriesItsStateFromStepToStep(String name) throws Exception {
    OnnxCase model = OnnxCase.real(name);
    Map<String, Tensor> state = new HashMap<>();
    for (int step = 0; step < model.sets(); step++) {
      List<Tensor> inputs =
          model.inputs(step).stream().map(t -> state.getOrDefault(t.name(), t)).toList();
      List<Tensor> outputs = run(model, inputs);
      assertThat(model.difference(step, outputs)).as("%s, step %d", name, step).isEmpty();
      chain(model, outputs, state);
    }
    assertThat(state).isNotEmpty();
  }

  @Test
  void writesTheStoryCharacterForCharacter() throws Exception {
    OnnxCase model = OnnxCase.real("stories260k_kvcache");
    JsonArray expected = new JsonArray(model.text("expected_tokens.json"));
    Map<String, Tensor> inputs = new HashMap<>();
    model.inputs(0).forEach(input -> inputs.put(input.name(), input));
    List<Integer> tokens = new ArrayList<>(List.of(expected.getInteger(0)));
    for (int step = 0; step < STORY_STEPS; step++) {
      long[] token = {tokens.get(step)};
      inputs.put("input_ids", Tensor.of("input_ids", token, 1, 1));
      inputs.put("position_ids", Tensor.of("position_ids", new long[] {step}, 1, 1));
      List<Tensor> outputs = run(model, List.copyOf(inputs.values()));
      float[] logits = outputs.get(0).toFloats();
      tokens.add(largest(logits, 0, logits.length));
      chain(model, outputs, inputs);
    }

    assertThat(new JsonArray(tokens)).isEqualTo(expected);
    String story = text(tokens, new JsonArray(model.text("vocab.json")));
    assertThat(story.strip()).isEqualTo(model.text("expected_text.txt").strip());
  }

  private List<Tensor> run(OnnxCase model, List<Tensor> inputs) {
    List<Tensor> outputs = executor().run(model.model(), inputs, model.tensorOutputs());
    List<Tensor> copies = outputs.stream().map(RealModelsContract::copy).toList();
    outputs.forEach(Tensor::release);
    return copies;
  }

  /** In memory of the garbage collector, so that a failing test leaks nothing. */
  private static Tensor copy(Tensor tensor) {
    if (tensor.dataType() == DataType.STRING) {
      return tensor;
    }
    return Tensor.of(
        tensor.name(), tensor.dataType(), ByteBuffer.wrap(tensor.toByteArray()), tensor.shape());
  }

  private static Tensor only(List<Tensor> outputs) {
    assertThat(outputs).hasSize(1);
    return outputs.get(0);
  }

  /** Puts outputs where the next step takes them in; lines of chain.txt are output=input. */
  private static void chain(OnnxCase model, List<Tensor> outputs, Map<String, Tensor> inputs) {
    Map<String, String> inputOf = new HashMap<>();
    model
        .text("chain.txt")
        .lines()
        .map(line -> line.split("=", 2))
        .forEach(pair -> inputOf.put(pair[0], pair[1]));
    for (Tensor output : outputs) {
      String input = inputOf.get(output.name());
      if (input != null) {
        inputs.put(input, output.renamed(input));
      }
    }
  }

  private static int largest(float[] values, int from, int count) {
    int best = 0;
    for (int i = 1; i < count; i++) {
      best = values[from + i] > values[from + best] ? i : best;
    }
    return best;
  }

  /** The pieces of a SentencePiece vocabulary: U+2581 is a blank, {@code <0x0A>} a byte. */
  private static String text(List<Integer> tokens, JsonArray vocabulary) {
    ByteArrayOutputStream utf8 = new ByteArrayOutputStream();
    for (int token : tokens.subList(1, tokens.size())) {
      String piece = vocabulary.getString(token);
      if (piece.matches("<0x[0-9A-F]{2}>")) {
        utf8.write(Integer.parseInt(piece.substring(3, 5), 16));
      } else {
        utf8.writeBytes(piece.replace('\u2581', ' ').getBytes(StandardCharsets.UTF_8));
      }
    }
    return utf8.toString(StandardCharsets.UTF_8);
  }
}
