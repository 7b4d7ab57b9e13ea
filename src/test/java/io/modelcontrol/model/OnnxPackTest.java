package io.modelcontrol.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.modelcontrol.McpException;
import io.modelcontrol.model.OnnxScanner.Limits;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;

/** Models that nobody here wrote: the scanner refuses none of them. */
class OnnxPackTest {
  @Test
  void acceptsEveryCaseOfTheOnnxProject() throws IOException {
    List<String> refused = new ArrayList<>();
    int cases = 0;
    try (InputStream pack = OnnxPackTest.class.getResourceAsStream("/onnx-pack/onnx-cases.zip")) {
      assumeTrue(pack != null, "the pack is not on the class path");
      ZipInputStream zip = new ZipInputStream(pack);
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        if (entry.getName().endsWith("/model.onnx")) {
          cases++;
          scan(entry.getName(), zip.readAllBytes(), refused);
        }
      }
    }
    assertThat(refused).isEmpty();
    assertThat(cases).isEqualTo(1162);
  }

  @Test
  void acceptsTheRealModels() throws IOException, URISyntaxException {
    URL models = OnnxPackTest.class.getResource("/onnx-pack/models");
    assumeTrue(models != null, "the models are not on the class path");
    List<String> refused = new ArrayList<>();
    try (Stream<Path> files = Files.walk(Path.of(models.toURI()))) {
      for (Path file : files.filter(f -> f.endsWith("model.onnx")).toList()) {
        scan(file.toString(), Files.readAllBytes(file), refused);
        OnnxScanner.scan(file, Limits.DEFAULT);
      }
    }
    assertThat(refused).isEmpty();
  }

  private static void scan(String name, byte[] content, List<String> refused) {
    try {
      OnnxScanner.scan(ByteBuffer.wrap(content), Limits.DEFAULT);
    } catch (McpException e) {
      refused.add(name + " " + e.getMessage());
    }
  }
}
