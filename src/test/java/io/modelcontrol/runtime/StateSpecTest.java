package io.modelcontrol.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.modelcontrol.DataType;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.TensorSpec;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StateSpecTest {
  private static final List<TensorSpec> INPUTS =
      List.of(
          new TensorSpec("ids", DataType.INT64, new long[] {1, -1}),
          new TensorSpec("past.0.key", DataType.FLOAT, new long[] {1, 4, -1, 8}),
          new TensorSpec("past.1.key", DataType.FLOAT, new long[] {1, 4, -1, 8}),
          new TensorSpec("words", DataType.STRING, new long[] {1}));
  private static final List<TensorSpec> OUTPUTS =
      List.of(
          new TensorSpec("logits", DataType.FLOAT, new long[] {1, -1, 99}),
          new TensorSpec("present.0.key", DataType.FLOAT, new long[] {1, 4, -1, 8}),
          new TensorSpec("present.1.key", DataType.FLOAT, new long[] {1, 4, -1, 8}),
          new TensorSpec("said", DataType.STRING, new long[] {1}));

  @Test
  void aStarStandsForTheSameTextOnBothSides() {
    StateSpec spec =
        of(Map.of("state.present.*.key", "past.*.key", "state-shape.past.*", "1,4,0,8"));
    assertThat(spec.links())
        .extracting(StateSpec.Link::output, link -> link.input().name())
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("present.0.key", "past.0.key"),
            org.assertj.core.groups.Tuple.tuple("present.1.key", "past.1.key"));
    assertThat(spec.links())
        .allSatisfy(
            link -> {
              assertThat(link.firstShape()).containsExactly(1, 4, 0, 8);
              assertThat(link.growingDimension()).isEqualTo(2);
              assertThat(link.firstBytes()).isZero();
            });
  }

  @Test
  void withoutAShapeADynamicDimensionIsOne() {
    StateSpec.Link link = of(Map.of("state.present.0.key", "past.0.key")).links().get(0);
    assertThat(link.firstShape()).containsExactly(1, 4, 1, 8);
    assertThat(link.growingDimension()).isEqualTo(-1);
    assertThat(link.firstBytes()).isEqualTo(128);
  }

  @Test
  void withoutParametersThereIsNoState() {
    assertThat(of(Map.of("preprocess", "x")).links()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "state.none,past.0.key",
    "state.present.0.key,none",
    "state.present.*,past.0.key",
    "state.*.*,past.*",
    "state.present.0.key,ids",
    "state.said,words",
    "state-shape.past.0.key,'1,4,0,8'"
  })
  void whatDoesNotFitTheModelIsNamed(String key, String value) {
    assertRefused(Map.of(key, value), key);
  }

  @ParameterizedTest
  @CsvSource({"'1,4,0'", "'1,5,0,8'", "'1,4,-1,8'", "x", "''", "'1,4,99999999,8'"})
  void aShapeThatIsNotTheInputsIsRefused(String shape) {
    assertRefused(
        Map.of("state.present.*", "past.*", "state-shape.past.*", shape), "state-shape.past.*");
  }

  @Test
  void anInputHasOneSource() {
    assertRefused(
        Map.of("state.present.0.key", "past.1.key", "state.present.*.key", "past.*.key"), "state.");
  }

  @ParameterizedTest
  @CsvSource({
    "generate.tokens,none",
    "generate.tokens,past.0.key",
    "generate.logits,said",
    "generate.logits,none",
    "generate.mask,words",
    "generate.max-context,0",
    "generate.colour,blue"
  })
  void whatCannotGenerateIsNamed(String key, String value) {
    Map<String, String> parameters = new java.util.HashMap<>();
    parameters.put("generate.tokens", "ids");
    parameters.put("generate.logits", "logits");
    parameters.put(key, value);
    assertRefused(parameters, key);
  }

  @Test
  void anInputThatNobodyFillsIsRefusedAtLoad() {
    assertRefused(
        Map.of("state.present.*", "past.*", "generate.tokens", "ids", "generate.logits", "logits"),
        "generate.tokens");
  }

  private static void assertRefused(Map<String, String> parameters, String named) {
    assertThatThrownBy(() -> of(parameters))
        .hasMessageContaining("parameter " + named)
        .isInstanceOfSatisfying(
            McpException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT));
  }

  private static StateSpec of(Map<String, String> parameters) {
    return StateSpec.of(parameters, INPUTS, OUTPUTS);
  }
}
