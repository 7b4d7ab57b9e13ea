package io.modelcontrol.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.modelcontrol.Digest;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.ModelId;
import io.modelcontrol.model.FailingFiles.Step;
import io.modelcontrol.model.ModelManifest.Entry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** hostile-input.md M6: a disk that is full or fails costs the upload, and nothing else. */
class StoreFailureTest {
  private static final byte[] CONTENT = {1, 2, 3, 4, 5, 6, 7, 8};
  private static final Digest DIGEST = Digest.of(Digest.hash().digest(CONTENT));
  private static final Entry OLD = new Entry(new ModelId("m", "1"), DIGEST, "onnx", Map.of(), true);
  private static final Entry NEW = new Entry(new ModelId("m", "2"), DIGEST, "onnx", Map.of(), true);

  @TempDir Path root;
  private final FailingFiles files = new FailingFiles();

  @ParameterizedTest
  @EnumSource(value = Step.class, mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void aFullDiskLeavesNothingAndTheNextUploadSucceeds(Step step) throws IOException {
    try (ModelStore store = ModelStore.open(root, 1000, files)) {
      files.failing = step;
      assertThatExceptionOfType(McpException.class)
          .isThrownBy(() -> upload(store))
          .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.RESOURCE_EXHAUSTED))
          .satisfies(e -> assertThat(e.getMessage()).doesNotContain("secret"));
      assertThat(names()).isEmpty();
      assertThat(store.has(DIGEST)).isFalse();

      files.failing = Step.NONE;
      upload(store);
      assertThat(names()).containsExactly(DIGEST.hex());
      assertThat(store.storedBytes()).isEqualTo(CONTENT.length);
    }
  }

  @Test
  void otherFailuresOfTheDiskAreNoLackOfSpace() {
    files.message = "Input/output error";
    try (ModelStore store = ModelStore.open(root, 1000, files)) {
      files.failing = Step.FORCE;
      assertThatExceptionOfType(McpException.class)
          .isThrownBy(() -> upload(store))
          .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.RUNTIME_FAILURE))
          .withMessage("the content of the model cannot be stored");
    }
  }

  @Test
  void aFailedFsyncDoesNotRemoveWhatAnEarlierUploadMadeDurable() throws IOException {
    try (ModelStore store = ModelStore.open(root, 1000, files)) {
      upload(store);
      files.failing = Step.FORCE_DIRECTORY;
      assertThatExceptionOfType(McpException.class).isThrownBy(() -> upload(store));
      assertThat(store.has(DIGEST)).isTrue();
      assertThat(names()).containsExactly(DIGEST.hex());
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Step.class,
      names = {"CREATE", "WRITE", "WRITE_HALF", "FORCE", "MOVE"})
  void aManifestThatCannotBeWrittenStaysTheOldOne(Step step) throws IOException {
    ModelManifest manifest = ModelManifest.open(root, files);
    manifest.put(OLD);
    files.failing = step;
    assertThatExceptionOfType(McpException.class)
        .isThrownBy(() -> manifest.put(NEW))
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.RESOURCE_EXHAUSTED));
    assertThat(manifest.entries()).containsExactly(OLD);
    assertThat(ModelManifest.open(root).entries()).containsExactly(OLD);
    assertThat(names()).containsExactly("manifest");

    files.failing = Step.NONE;
    manifest.put(NEW);
    assertThat(ModelManifest.open(root).entries()).containsExactly(OLD, NEW);
  }

  private static void upload(ModelStore store) {
    ModelStore.Upload upload = store.begin(DIGEST, CONTENT.length);
    upload.write(ByteBuffer.wrap(CONTENT));
    upload.commit();
  }

  private List<String> names() throws IOException {
    try (Stream<Path> found = Files.walk(root)) {
      return found
          .filter(Files::isRegularFile)
          .map(file -> file.getFileName().toString())
          .filter(name -> !name.equals("lock"))
          .sorted()
          .toList();
    }
  }
}
