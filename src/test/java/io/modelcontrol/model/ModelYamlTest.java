package io.modelcontrol.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.entry;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelYamlTest {
  @Test
  void readsNamesAndPlainValues() {
    String text =
        """
        # a comment

        \s\s
        runtime: onnx\r
        intra-op-threads:   2\s\s
        preprocess: Resize(width=28, height=28); Color(to=GRAY)
        state.present.*: past.*
        bias: -0.5""";
    assertThat(parse(text))
        .containsExactly(
            entry("runtime", "onnx"),
            entry("intra-op-threads", "2"),
            entry("preprocess", "Resize(width=28, height=28); Color(to=GRAY)"),
            entry("state.present.*", "past.*"),
            entry("bias", "-0.5"));
    assertThat(parse("")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "---",
        "...",
        "%YAML 1.2",
        "- a",
        "? a",
        "a",
        "a:",
        "a:b",
        "a: ",
        " a: b",
        "\ta: b",
        "a:\tb",
        "a: b\tc",
        "a: b\0",
        "\"a\": b",
        "a: \"b\"",
        "a: 'b'",
        "a: {b: c}",
        "a: [b]",
        "a: &x b",
        "a: *x",
        "a: !!javax.script.ScriptEngineManager [x]",
        "a: !b c",
        "a: |",
        "a: >",
        "a: b: c",
        "a: b # c",
        "a: #",
        "<<: *x",
        "a: @b",
        "a: - b",
        "a: b:"
      })
  void refusesEverythingElseByItsLine(String line) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> parse("x: y\n" + line + "\nz: z"))
        .withMessageStartingWith("line 2: ");
  }

  @Test
  void refusesANameThatStandsThereTwice() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> parse("a: b\na: c"))
        .withMessage("line 2: 'a' stands there twice");
  }

  @Test
  void refusesWhatIsNoText() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ModelYaml.parse(new byte[] {'a', ':', ' ', (byte) 0xFF}))
        .withMessage("it is not UTF-8");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ModelYaml.parse(new byte[ModelYaml.MAX_BYTES + 1]))
        .withMessageContaining("more than 65536 bytes");
  }

  private static Map<String, String> parse(String text) {
    return ModelYaml.parse(text.getBytes(StandardCharsets.UTF_8));
  }
}
