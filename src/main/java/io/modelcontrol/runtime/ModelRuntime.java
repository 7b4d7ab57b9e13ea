package io.modelcontrol.runtime;

import io.modelcontrol.McpException;
import java.nio.file.Path;
import java.util.Map;

/**
 * Executes one kind of model. Implementations are found by {@link java.util.ServiceLoader} and have
 * a public constructor without arguments. All methods may block and are called on worker threads
 * only.
 */
public interface ModelRuntime {
  /** The name under which a load request and a descriptor know it, such as "onnx". */
  String name();

  /**
   * Whether the content looks like a model of this runtime. Asked where a load request names no
   * runtime; it reads no more than the first bytes and executes nothing.
   *
   * @param head the first bytes of the content, at most 64
   */
  boolean recognizes(byte[] head);

  /**
   * Whether a model runs once on ones, under a deadline, before it serves: so it is unless what its
   * content can ask for is bounded by the runtime itself.
   */
  default boolean activates() {
    return true;
  }

  /**
   * Whether a run here is only waited for, because another process works on it: then its workers
   * take no threads from those of other models.
   */
  default boolean isRemote() {
    return false;
  }

  /**
   * Whether a load may start threads, or processes, that work when the model serves. Such a load is
   * not put back behind others: what it starts would inherit that. True unless a runtime knows
   * better.
   */
  default boolean startsThreads(Map<String, String> parameters, RuntimeSettings settings) {
    return true;
  }

  /**
   * System properties for JVMs that execute this runtime's models, one each: what spares them work
   * that can be done once for all of them. Asked for each JVM; may block.
   */
  default Map<String, String> processProperties() {
    return Map.of();
  }

  /**
   * Checks the content, then prepares it for execution. Content from the network is hostile: what
   * the runtime's own loader does not refuse by itself is refused here, before that loader sees a
   * byte.
   *
   * @param content a file that nobody changes any more
   * @param parameters as given in the load request; unknown ones are ignored
   * @throws McpException MODEL_REJECTED, with the reason, if the content is refused
   */
  LoadedModel load(Path content, Map<String, String> parameters);

  /**
   * As {@link #load(Path, Map)}, with what the operator wants, which goes before the parameters. By
   * default the runtime has nothing of it to set.
   */
  default LoadedModel load(Path content, Map<String, String> parameters, RuntimeSettings settings) {
    return load(content, parameters);
  }
}
