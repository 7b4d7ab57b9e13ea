package io.modelcontrol.runtime.preprocess;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.PreprocessStep;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PreprocessStepsTest {
  private static final List<PreprocessStep> STEPS =
      List.of(
          new PreprocessStep("Resize", Map.of("width", "28", "height", "28")),
          new PreprocessStep("Invert", Map.of()),
          new PreprocessStep("Normalize", Map.of("mean", "0.5,1e-3,-2", "std", "4")));

  @Test
  void readsTheTextForm() {
    String text = " Resize( width = 28,height=28 ) ;Invert; Normalize(mean=0.5, 1e-3 , -2, std=4)";
    assertThat(PreprocessSteps.parse(text)).isEqualTo(STEPS);
  }

  @Test
  void readsTheJsonForm() {
    String json =
        """
        [{"op": "Resize", "args": {"width": "28", "height": 28}},
         {"op": "Invert"},
         {"op": "Normalize", "args": {"mean": [0.5, "1e-3", -2], "std": "4"}}]
        """;
    assertThat(PreprocessSteps.parse(json)).isEqualTo(STEPS);
  }

  @Test
  void blankTextIsAnEmptyChain() {
    assertThat(PreprocessSteps.parse("  ")).isEmpty();
    assertThat(PreprocessSteps.parse("[]")).isEmpty();
    assertThat(PreprocessSteps.format(List.of())).isEmpty();
  }

  @Test
  void whatItFormatsItReads() {
    assertThat(PreprocessSteps.format(STEPS))
        .isEqualTo("Resize(height=28, width=28); Invert(); Normalize(mean=0.5,1e-3,-2, std=4)");
    assertThat(PreprocessSteps.parse(PreprocessSteps.format(STEPS))).isEqualTo(STEPS);
  }

  @Test
  void formatsAsJsonWhatTheTextFormCannotSay() {
    for (String odd : List.of("a;b", "a)", "a=b", "a, b", "", "x y", "ü", "1,,2")) {
      List<PreprocessStep> steps = List.of(new PreprocessStep("Op", Map.of("key", odd)));
      assertThat(PreprocessSteps.format(steps)).startsWith("[");
      assertThat(PreprocessSteps.parse(PreprocessSteps.format(steps))).isEqualTo(steps);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Resize(",
        "Resize)",
        "Resize(width)",
        "Resize(=3)",
        "Resize(width=)",
        "Resize(width=1",
        "Resize(width=1,width=2)",
        "Resize(width=(1))",
        "Resize(width=1,,2)",
        "Invert;",
        ";",
        "()",
        "Resize(1,width=2)",
        "Resize(width=1=2)",
        "2x",
        "Resize (w=1) x",
        "[",
        "[1]",
        "[{}]",
        "[{\"op\": 1}]",
        "[{\"op\": \"Invert\", \"args\": []}]",
        "[null]",
        "[{\"op\": \"Invert\", \"arguments\": {}}]",
        "[{\"op\": \"Invert\", \"args\": {\"a\": null}}]",
        "[{\"op\": \"Invert\", \"args\": {\"a\": {}}}]",
        "[{\"op\": \"I\", \"args\": {\"a\": [[1]]}}]"
      })
  void refusesTextThatIsNoChain(String text) {
    assertRefused(text);
  }

  @Test
  void refusesTextBeyondItsLimits() {
    assertRefused("Invert;".repeat(PreprocessChain.MAX_STEPS) + "Invert");
    assertRefused(" ".repeat(PreprocessSteps.MAX_LENGTH + 1));
    assertRefused("[".repeat(PreprocessSteps.MAX_LENGTH));
  }

  private static void assertRefused(String text) {
    McpException refused =
        catchThrowableOfType(McpException.class, () -> PreprocessSteps.parse(text));
    assertThat(refused).as(text).isNotNull();
    assertThat(refused.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    assertThat(refused).hasMessageStartingWith("parameter 'preprocess' ");
  }
}
