package io.modelcontrol.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.modelcontrol.Digest;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.model.FailingFiles.Step;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class FootprintsTest {
  private static final Digest ONE = digest(1);
  private static final Digest TWO = digest(2);

  @TempDir Path directory;

  @Test
  void knowsNothingBeforeAnythingWasMeasured() {
    assertThat(Footprints.open(directory).of(ONE)).isEmpty();
  }

  @Test
  void keepsWhatWasMeasuredOverARestart() {
    Footprints footprints = Footprints.open(directory);
    footprints.put(ONE, 100);
    footprints.put(TWO, Long.MAX_VALUE);

    Footprints again = Footprints.open(directory);
    assertThat(again.of(ONE)).hasValue(100);
    assertThat(again.of(TWO)).hasValue(Long.MAX_VALUE);
  }

  @Test
  void theLargestMeasurementCounts() {
    Footprints footprints = Footprints.open(directory);
    footprints.put(ONE, 100);
    footprints.put(ONE, 7);
    assertThat(footprints.of(ONE)).hasValue(100);
    footprints.put(ONE, 101);
    assertThat(Footprints.open(directory).of(ONE)).hasValue(101);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "mcp-footprints 1\n",
        "mcp-footprints 1\nend 0 00000000\n",
        "mcp-footprints 2\nend 0 5d3a5ec8\n",
        "\0\0\0\0",
        "{}"
      })
  void aDamagedFileIsNoFile(String text) throws IOException {
    Files.writeString(directory.resolve("footprints"), text);
    Footprints footprints = Footprints.open(directory);
    assertThat(footprints.of(ONE)).isEmpty();
    footprints.put(ONE, 1);
    assertThat(Footprints.open(directory).of(ONE)).hasValue(1);
  }

  @Test
  void aFlippedDigitIsNoticed() throws IOException {
    Footprints.open(directory).put(ONE, 100);
    Path file = directory.resolve("footprints");
    Files.writeString(file, Files.readString(file).replace(" 100\n", " 900\n"));
    assertThat(Footprints.open(directory).of(ONE)).isEmpty();
  }

  @Test
  void forgetsThoseThatWereMeasuredLongestAgo() {
    StoreFiles unwritten =
        new StoreFiles() {
          @Override
          void replace(Path file, byte[] bytes) {}
        };
    Footprints footprints = Footprints.open(directory, unwritten);
    for (int i = 0; i <= Footprints.MAX_ENTRIES; i++) {
      footprints.put(digest(i), i + 1);
    }
    assertThat(footprints.of(digest(0))).isEmpty();
    assertThat(footprints.of(digest(1))).hasValue(2);
    assertThat(footprints.of(digest(Footprints.MAX_ENTRIES))).hasValue(Footprints.MAX_ENTRIES + 1);
  }

  @ParameterizedTest
  @EnumSource(names = {"CREATE", "WRITE", "WRITE_HALF", "FORCE", "MOVE"})
  void aFileThatCannotBeWrittenStaysTheOldOne(Step step) {
    FailingFiles files = new FailingFiles();
    Footprints footprints = Footprints.open(directory, files);
    footprints.put(ONE, 100);
    files.failing = step;
    assertThatExceptionOfType(McpException.class)
        .isThrownBy(() -> footprints.put(TWO, 5))
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.RESOURCE_EXHAUSTED));

    Footprints again = Footprints.open(directory);
    assertThat(again.of(ONE)).hasValue(100);
    assertThat(again.of(TWO)).isEmpty();
  }

  private static Digest digest(int i) {
    byte[] bytes = new byte[Digest.LENGTH];
    bytes[0] = (byte) i;
    bytes[1] = (byte) (i >> 8);
    return Digest.of(bytes);
  }
}
