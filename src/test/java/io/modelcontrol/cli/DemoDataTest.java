package io.modelcontrol.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.modelcontrol.DataType;
import io.modelcontrol.Tensor;
import io.modelcontrol.runtime.LoadedModel;
import io.modelcontrol.runtime.RunControl;
import io.modelcontrol.runtime.onnx.OnnxRuntime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the demo carries is whole, and the models alone, without a server, recognize it. */
class DemoDataTest {
  @TempDir private Path directory;

  @Test
  void allDigitsAreThereAndRecognized() throws IOException {
    List<DemoData.Sample> digits = DemoData.digits();
    assertThat(digits).hasSize(21);
    assertThat(digits.get(0).input().shape()).containsExactly(1, 1, 28, 28);
    Labels labels = Labels.parse("0\n1\n2\n3\n4\n5\n6\n7\n8\n9");
    assertRecognized("mnist_cntk", digits, labels);
  }

  @Test
  void allFilesAreThereAndRecognized() throws IOException {
    List<DemoData.Sample> files = DemoData.files();
    List<String> kinds = DemoData.kinds();
    assertThat(kinds).hasSize(214).contains("java", "python", "html");
    assertThat(files).hasSizeGreaterThanOrEqualTo(8);
    assertThat(files.get(0).input().dataType()).isEqualTo(DataType.INT32);
    assertRecognized("magika_v3_3", files, Labels.parse(String.join("\n", kinds)));
  }

  @Test
  void theSpeechIsTenSecondsThatAreNotSilent() {
    WavFile speech = DemoData.speech();
    assertThat(speech.sampleRate()).isEqualTo(16_000);
    assertThat(speech.samples()).hasSize(160_000);
    float loudest = 0;
    for (float sample : speech.samples()) {
      loudest = Math.max(loudest, Math.abs(sample));
    }
    assertThat(loudest).isBetween(0.1f, 1f);
  }

  private void assertRecognized(String name, List<DemoData.Sample> samples, Labels labels)
      throws IOException {
    Path file = Files.write(directory.resolve(name), DemoData.model(name));
    try (LoadedModel model = new OnnxRuntime().load(file, Map.of())) {
      for (DemoData.Sample sample : samples) {
        Tensor scores = model.infer(List.of(sample.input()), List.of(), new RunControl()).get(0);
        TopK.Entry best = TopK.of(scores, 1, labels, false).get(0).get(0);
        scores.release();
        assertThat(best.label()).isEqualTo(sample.label());
      }
    }
  }
}
