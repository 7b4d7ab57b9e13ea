package io.modelcontrol.runtime.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.modelcontrol.DataType;
import io.modelcontrol.testing.OnnxModels;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Map;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PreparedModelsTest {
  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final PreparedModels models = new PreparedModels();
  private final PreparedModels others = new PreparedModels();

  @TempDir Path folder;
  private Path add;

  @BeforeEach
  void aModel() throws IOException {
    add = Files.write(folder.resolve("add"), OnnxModels.add(2));
  }

  private float[] loadAndAsk(PreparedModels from, Path content) throws Exception {
    try (OrtSession.SessionOptions options = SessionSettings.create(1);
        OrtSession session = from.open(environment, content, 1, options);
        OnnxTensor a = OnnxTensor.createTensor(environment, new float[] {1, 2});
        OnnxTensor b = OnnxTensor.createTensor(environment, new float[] {3, 4});
        OrtSession.Result result = session.run(Map.of("a", a, "b", b))) {
      return (float[]) result.get(0).getValue();
    }
  }

  @Test
  void preparesAContentWhenItIsLoadedForTheSecondTime() throws Exception {
    loadAndAsk(models, add);
    assertThat(models.files()).isEmpty();
    loadAndAsk(models, add);
    assertThat(models.files()).hasSize(1);
  }

  @Test
  void loadsWhatIsPreparedWhenItComesAgain() throws Exception {
    loadAndAsk(models, add);
    loadAndAsk(models, add);
    byte[] prepared = Files.readAllBytes(models.files().get(0));
    // Another operator in its place, so that the answer tells which of the two was loaded.
    Path other = Files.write(folder.resolve("other"), difference());
    loadAndAsk(models, other);
    loadAndAsk(models, other);
    Path of = models.files().stream().filter(file -> !isOf(file, prepared)).findFirst().get();
    Files.write(of, prepared);
    assertThat(loadAndAsk(models, other)).containsExactly(4, 6);
  }

  private static byte[] difference() {
    String sum = new String(OnnxModels.add(2), StandardCharsets.ISO_8859_1);
    return sum.replace("Add", "Sub").getBytes(StandardCharsets.ISO_8859_1);
  }

  private static boolean isOf(Path file, byte[] content) {
    try {
      return Arrays.equals(Files.readAllBytes(file), content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void doesNotUseWhatAsksForOtherInputs() throws Exception {
    loadAndAsk(models, add);
    loadAndAsk(models, add);
    Path other = Files.write(folder.resolve("other"), OnnxModels.identity(DataType.FLOAT, 2));
    for (int i = 0; i < 2; i++) {
      try (OrtSession.SessionOptions options = SessionSettings.create(1)) {
        others.open(environment, other, 1, options).close();
      }
    }
    Files.copy(others.files().get(0), models.files().get(0), StandardCopyOption.REPLACE_EXISTING);
    assertThat(loadAndAsk(models, add)).containsExactly(4, 6);
    assertThat(models.files()).isEmpty();
  }

  @Test
  void fallsBackToTheContentWhereWhatIsPreparedIsDamaged() throws Exception {
    loadAndAsk(models, add);
    loadAndAsk(models, add);
    Files.writeString(models.files().get(0), "damaged");
    assertThat(loadAndAsk(models, add)).containsExactly(4, 6);
    assertThat(models.files()).isEmpty();
    loadAndAsk(models, add);
    assertThat(models.files()).isEmpty();
  }

  @Test
  void takesAChangedFileForAnotherContent() throws Exception {
    loadAndAsk(models, add);
    Files.write(add, OnnxModels.add(-1));
    loadAndAsk(models, add);
    assertThat(models.files()).isEmpty();
  }

  @Test
  void whatTheRuntimeRefusesIsRefusedEachTime() throws Exception {
    Path broken = Files.writeString(folder.resolve("broken"), "no model");
    for (int i = 0; i < 3; i++) {
      try (OrtSession.SessionOptions options = SessionSettings.create(1)) {
        Assertions.assertThatThrownBy(() -> models.open(environment, broken, 1, options))
            .isInstanceOf(OrtException.class);
      }
    }
    assertThat(models.files()).isEmpty();
  }

  @Test
  void theOneThatWasUsedLongestAgoGoesWhereThereAreTooManyBytes() throws Exception {
    Path other = Files.write(folder.resolve("other"), OnnxModels.add(-1));
    loadAndAsk(models, add);
    loadAndAsk(models, add);
    long bytes = Files.size(models.files().get(0));
    PreparedModels small = new PreparedModels(bytes * 3 / 2);
    for (Path content : new Path[] {add, add, other, other}) {
      loadAndAsk(small, content);
    }
    assertThat(small.files()).hasSize(1);
  }
}
