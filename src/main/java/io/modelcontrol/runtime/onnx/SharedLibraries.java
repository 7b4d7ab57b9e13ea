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
 * ONNX Runtime's native libraries, for this process and for those that it starts: unpacked once,
 * where each would unpack 24 MB for itself, and mapped by all of them from the same pages. The
 * files go with this process.
 */
final class SharedLibraries {
  private static final Logger LOG = LoggerFactory.getLogger(SharedLibraries.class);

  /** Where ONNX Runtime's binding looks for all its libraries, and nowhere else. */
  private static final String PROPERTY = "onnxruntime.native.path";

  private static final List<String> NAMES = List.of("libonnxruntime.so", "libonnxruntime4j_jni.so");

  /** There where the binding brings execution providers, whose libraries it looks for, too. */
  private static final String PROVIDERS = "libonnxruntime_providers_shared.so";

  private SharedLibraries() {}

  /**
   * Unpacks them for this process, unless its user has said where they are, before its first
   * session; says what other processes have to be told. Nothing, where each is better off with its
   * own.
   */
  static synchronized Map<String, String> properties() {
    String folder = System.getProperty(PROPERTY);
    if (folder == null) {
      String packed = "native/" + platform() + "/";
      if (!arePacked(packed)) {
        return Map.of();
      }
      try {
        folder = unpack(packed).toString();
      } catch (IOException e) {
        LOG.warn("Each process of a model unpacks ONNX Runtime for itself: {}", e.toString());
        return Map.of();
      }
      System.setProperty(PROPERTY, folder);
    }
    return Map.of(PROPERTY, Path.of(folder).toAbsolutePath().toString());
  }

  private static Path unpack(String packed) throws IOException {
    Path folder = Files.createTempDirectory("mcp-libraries-");
    folder.toFile().deleteOnExit();
    for (String name : NAMES) {
      Path file = folder.resolve(name);
      file.toFile().deleteOnExit();
      try (InputStream in = OrtEnvironment.class.getResourceAsStream(packed + name)) {
        Files.copy(in, file);
      }
    }
    return folder;
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
