package io.modelcontrol.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.modelcontrol.Digest;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.ModelId;
import io.modelcontrol.model.ModelManifest.Entry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelManifestTest {
  private static final Digest ZERO = Digest.of(new byte[Digest.LENGTH]);
  private static final Entry FIRST = entry("m", "1", Map.of());
  private static final Entry SECOND =
      entry("m", "2", Map.of("threads", "2", "a b", "x=y %\n\u00e9"));
  private static final Entry OTHER = entry("other", "1", Map.of("empty", ""));

  @TempDir Path directory;

  @Test
  void isEmptyBeforeAnythingWasServed() {
    ModelManifest manifest = ModelManifest.open(directory.resolve("new"));
    assertThat(manifest.entries()).isEmpty();
    assertThat(manifest.active("m")).isEmpty();
  }

  @Test
  void keepsEntriesInTheOrderOfLoading() {
    ModelManifest manifest = ModelManifest.open(directory);
    manifest.put(SECOND);
    manifest.put(OTHER);
    manifest.put(FIRST);
    assertThat(manifest.entries()).containsExactly(SECOND, OTHER, FIRST);
    assertThat(ModelManifest.open(directory).entries()).containsExactly(SECOND, OTHER, FIRST);
  }

  @Test
  void theVersionLoadedLastIsActive() {
    ModelManifest manifest = ModelManifest.open(directory);
    manifest.put(FIRST);
    manifest.put(SECOND);
    manifest.put(OTHER);
    assertThat(manifest.active("m")).contains(SECOND);
    manifest.put(FIRST);
    assertThat(ModelManifest.open(directory).active("m")).contains(FIRST);
    manifest.remove(FIRST.id());
    assertThat(ModelManifest.open(directory).active("m")).contains(SECOND);
  }

  @Test
  void replacesAnEntryOfTheSameVersion() {
    ModelManifest manifest = ModelManifest.open(directory);
    manifest.put(FIRST);
    Entry changed = entry("m", "1", Map.of("k", "v"));
    manifest.put(changed);
    assertThat(manifest.entries()).containsExactly(changed);
  }

  @Test
  void removesEntries() {
    ModelManifest manifest = ModelManifest.open(directory);
    manifest.put(FIRST);
    manifest.remove(SECOND.id());
    manifest.remove(FIRST.id());
    assertThat(ModelManifest.open(directory).entries()).isEmpty();
  }

  /** Written out: other versions of the project must be able to read it. */
  @Test
  void writesOneLineForEachEntry() throws IOException {
    ModelManifest manifest = ModelManifest.open(directory);
    manifest.put(SECOND);
    String[] lines = Files.readString(directory.resolve("manifest")).split("\n");
    assertThat(lines).hasSize(3);
    assertThat(lines[0]).isEqualTo("mcp-manifest 1");
    assertThat(lines[1])
        .isEqualTo("m 2 " + "0".repeat(64) + " onnx a+b=x%3Dy+%25%0A%C3%A9 threads=2");
    assertThat(lines[2]).matches("end 1 [0-9a-f]{8}");
  }

  @Test
  void keepsWhoIsNotTrusted() throws IOException {
    ModelManifest manifest = ModelManifest.open(directory);
    Entry foreign = new Entry(new ModelId("m", "3"), ZERO, "onnx", Map.of("!untrusted", ""), false);
    manifest.put(FIRST);
    manifest.put(foreign);
    assertThat(Files.readAllLines(directory.resolve("manifest")))
        .contains("m 3 " + "0".repeat(64) + " onnx !untrusted %21untrusted=");
    assertThat(ModelManifest.open(directory).entries()).containsExactly(FIRST, foreign);
  }

  @Test
  void refusesEachTruncation() throws IOException {
    byte[] whole = written();
    for (int length = 0; length < whole.length; length++) {
      assertDamaged(Arrays.copyOf(whole, length));
    }
  }

  @Test
  void refusesEachFlippedBit() throws IOException {
    byte[] whole = written();
    for (int bit = 0; bit < whole.length * 8; bit++) {
      byte[] flipped = whole.clone();
      flipped[bit / 8] ^= (byte) (1 << bit % 8);
      assertDamaged(flipped);
    }
  }

  @Test
  void refusesLinesThatAreNoEntriesThoughTheirChecksumIsRight() throws IOException {
    for (String line :
        new String[] {
          "m 1",
          "m 1 00 onnx",
          "../m 1 " + ZERO + " onnx",
          "m 1 " + ZERO + " onnx novalue",
          "m 1 " + ZERO + " onnx %zz=1",
          ""
        }) {
      String body = "mcp-manifest 1\n" + line + "\n";
      CRC32 crc = new CRC32();
      crc.update(body.getBytes(StandardCharsets.US_ASCII));
      String text = body + String.format("end 1 %08x%n", crc.getValue());
      assertDamaged(text.getBytes(StandardCharsets.US_ASCII));
    }
  }

  private byte[] written() throws IOException {
    ModelManifest manifest = ModelManifest.open(directory);
    manifest.put(FIRST);
    manifest.put(SECOND);
    return Files.readAllBytes(directory.resolve("manifest"));
  }

  private void assertDamaged(byte[] content) throws IOException {
    Files.write(directory.resolve("manifest"), content);
    assertThatExceptionOfType(McpException.class)
        .isThrownBy(() -> ModelManifest.open(directory))
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.RUNTIME_FAILURE))
        .withMessageStartingWith("the manifest of models is damaged: ");
  }

  private static Entry entry(String name, String version, Map<String, String> parameters) {
    return new Entry(new ModelId(name, version), ZERO, "onnx", parameters, true);
  }
}
