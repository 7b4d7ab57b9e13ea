package io.modelcontrol.runtime.onnx;

import ai.onnxruntime.OrtEnvironment;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * ONNX Runtime's native libraries for processes of this node: unpacked once, where each process
 * would unpack 24 MB for itself, and mapped by all of them from the same pages. The files go with
 * this process.
 */
final class SharedLibraries {
  private static final Logger LOG = LoggerFactory.getLogger(SharedLibraries.class);

  /** Where ONNX Runtime's binding looks for all its libraries, and nowhere else. */
  private static final String PROPERTY = "onnxruntime.native.path";

  private static final List<String> NAMES = List.of("libonnxruntime.so", "libonnxruntime4j_jni.so");

  /** There where the binding brings execution providers, whose libraries it looks for, too. */
  private static final String PROVIDERS = "libonnxruntime_providers_shared.so";

  private SharedLibraries() {}

  /** What a process has to be told to use them; nothing where it is better off with its own. */
  static Map<String, String> properties() {
    String packed = "native/" + platform() + "/";
    if (System.getProperty(PROPERTY) != null || !arePacked(packed)) {
      return Map.of();
    }
    try {
      Path folder = Files.createTempDirectory("mcp-libraries-");
      folder.toFile().deleteOnExit();
      for (String name : NAMES) {
        Path file = folder.resolve(name);
        file.toFile().deleteOnExit();
        try (InputStream in = OrtEnvironment.class.getResourceAsStream(packed + name)) {
          Files.copy(in, file);
        }
      }
      return Map.of(PROPERTY, folder.toString());
    } catch (IOException e) {
      LOG.warn("Each process of a model unpacks ONNX Runtime for itself: {}", e.toString());
      return Map.of();
    }
  }

  private static boolean arePacked(String folder) {
    return NAMES.stream().allMatch(name -> isThere(folder + name)) && !isThere(folder + PROVIDERS);
  }

  private static boolean isThere(String resource) {
    return OrtEnvironment.class.getResource(resource) != null;
  }

  /** As the binding names it. */
  private static String platform() {
    String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String machine = System.getProperty("os.arch");
    return system + "-" + (machine.equals("amd64") ? "x64" : machine);
  }
}
