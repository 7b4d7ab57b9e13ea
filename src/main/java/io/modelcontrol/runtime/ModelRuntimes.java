package io.modelcontrol.runtime;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeMap;

/** The runtimes of this process, found by {@link ServiceLoader}. */
public final class ModelRuntimes {
  /** Stands for whichever runtime recognizes the content. */
  public static final String RECOGNIZE = "";

  private static final int HEAD_BYTES = 64;

  private final TreeMap<String, ModelRuntime> byName = new TreeMap<>();

  /** Finds them. */
  public ModelRuntimes() {
    ServiceLoader.load(ModelRuntime.class).forEach(runtime -> byName.put(runtime.name(), runtime));
  }

  /**
   * The runtime that is named, or the one that recognizes the content. Blocks: reads the first
   * bytes.
   *
   * @param name as in the load parameter "runtime", or {@link #RECOGNIZE}
   * @throws McpException MODEL_REJECTED if there is none
   */
  public ModelRuntime forContent(String name, Path content) {
    if (!name.equals(RECOGNIZE)) {
      ModelRuntime named = byName.get(name);
      if (named == null) {
        throw rejected("no runtime of that name; this node has " + byName.keySet());
      }
      return named;
    }
    byte[] head = head(content);
    return byName.values().stream()
        .filter(runtime -> runtime.recognizes(head))
        .findFirst()
        .orElseThrow(
            () -> rejected("the content is no model of any runtime here: " + byName.keySet()));
  }

  /** The runtime of this name, if there is one. */
  public Optional<ModelRuntime> named(String name) {
    return Optional.ofNullable(byName.get(name));
  }

  /** Their names, in order. */
  public Set<String> names() {
    return Collections.unmodifiableSet(byName.keySet());
  }

  /** What all of them ask for, see {@link ModelRuntime#processProperties}. Blocks. */
  public Map<String, String> processProperties() {
    Map<String, String> all = new TreeMap<>();
    byName.values().forEach(runtime -> all.putAll(runtime.processProperties()));
    return all;
  }

  private static byte[] head(Path content) {
    try (InputStream in = Files.newInputStream(content)) {
      return in.readNBytes(HEAD_BYTES);
    } catch (IOException e) {
      throw McpException.streamError(
          ErrorCode.RUNTIME_FAILURE, "the model's content cannot be read", e);
    }
  }

  private static McpException rejected(String why) {
    return McpException.streamError(ErrorCode.MODEL_REJECTED, why);
  }
}
