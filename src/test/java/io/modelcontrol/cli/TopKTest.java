package io.modelcontrol.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import io.modelcontrol.DataType;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class TopKTest {
  private static final Labels LABELS = Labels.parse("cat\ndog\nfish");

  @Test
  void ranksEachRowAndNamesItsClasses() {
    Tensor scores = Tensor.of("s", new float[] {1, 3, 2, 5, 5, Float.NaN}, 2, 3);
    List<List<TopK.Entry>> rows = TopK.of(scores, 2, LABELS, false);
    assertThat(rows.get(0))
        .containsExactly(new TopK.Entry(1, "dog", 3), new TopK.Entry(2, "fish", 2));
    assertThat(rows.get(1))
        .containsExactly(new TopK.Entry(0, "cat", 5), new TopK.Entry(1, "dog", 5));
  }

  @Test
  void softmaxMakesProbabilitiesOfLogits() {
    Tensor logits = Tensor.of("s", new double[] {1000, 1000 + Math.log(3)});
    List<TopK.Entry> row = TopK.of(logits, 5, Labels.NONE, true).get(0);
    assertThat(row).hasSize(2);
    assertThat(row.get(0).label()).isEqualTo("1");
    assertThat(row.get(0).score()).isCloseTo(0.75, within(1e-9));
  }

  @Test
  void readsHalfFloatsAndScalars() {
    Tensor half =
        Tensor.of(
            "s",
            DataType.FLOAT16,
            new long[] {1, 2},
            Tensor.of("d", new byte[] {0, 0x3C, 0, (byte) 0xC0}).data());
    assertThat(TopK.of(half, 1, LABELS, false).get(0)).containsExactly(new TopK.Entry(0, "cat", 1));
    assertThat(TopK.of(Tensor.of("s", new float[] {4}).reshaped(), 1, LABELS, false)).hasSize(1);
  }

  @Test
  void refusesWhatHoldsNoScores() {
    for (Tensor tensor :
        List.of(
            Tensor.of("s", new int[] {1}),
            Tensor.of("s", new String[] {"a"}),
            Tensor.of("s", new float[0], 0, 3))) {
      McpException refused =
          catchThrowableOfType(McpException.class, () -> TopK.of(tensor, 1, LABELS, false));
      assertThat(refused.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    }
  }

  @Test
  void readsLabelsFromLinesAndFromJson() {
    assertThat(Labels.parse("a b\r\nc\n\n").size()).isEqualTo(2);
    assertThat(Labels.parse("a b\r\nc\n\n").of(0)).isEqualTo("a b");
    assertThat(Labels.parse(" [\"x\", \"y\"]").of(1)).isEqualTo("y");
    assertThat(LABELS.of(3)).isEqualTo("3");
    for (String bad : List.of("[1]", "[\"a\"", "[null]")) {
      assertThat(catchThrowableOfType(McpException.class, () -> Labels.parse(bad)).code())
          .isEqualTo(ErrorCode.INVALID_ARGUMENT);
    }
  }
}
