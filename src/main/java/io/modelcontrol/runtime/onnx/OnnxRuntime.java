package io.modelcontrol.runtime.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.model.OnnxScanner;
import io.modelcontrol.runtime.LoadedModel;
import io.modelcontrol.runtime.ModelRuntime;
import io.modelcontrol.runtime.RuntimeSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Models in ONNX's format, on ONNX Runtime. Found by {@link java.util.ServiceLoader}. Each model is
 * judged by {@link OnnxScanner} before the native library is given its content.
 *
 * <p>ONNX Runtime's environment lives as long as the JVM and is freed by a shutdown hook of its
 * own: whoever loads a model closes it before the JVM ends.
 */
public final class OnnxRuntime implements ModelRuntime {
  /** Load parameter: threads that work on one operator of this model; default 1. */
  public static final String INTRA_OP_THREADS = "intra-op-threads";

  /** Threads for each operator unless the load request names them. */
  public static final int DEFAULT_INTRA_OP_THREADS = 1;

  /** More threads than any machine here has cores; each costs a stack. */
  public static final int MAX_INTRA_OP_THREADS = 256;

  private static final PreparedModels PREPARED = new PreparedModels();

  @Override
  public String name() {
    return "onnx";
  }

  @Override
  public boolean recognizes(byte[] head) {
    return ModelHead.isOnnx(head);
  }

  /** Not on the CPU with one thread for each operator, which is the caller's. */
  @Override
  public boolean startsThreads(Map<String, String> parameters, RuntimeSettings settings) {
    return threads(parameters, settings) > 1 || !settings.executionProviders().isEmpty();
  }

  @Override
  public Map<String, String> processProperties() {
    return SharedLibraries.properties();
  }

  /**
   * Loads a model.
   *
   * @param parameters {@value #INTRA_OP_THREADS}: 1 to {@value #MAX_INTRA_OP_THREADS}
   * @throws McpException MODEL_REJECTED if the scanner or ONNX Runtime refuses the content;
   *     INVALID_ARGUMENT if a parameter has no allowed value; SERVICE_UNAVAILABLE if the native
   *     library does not run on this machine
   */
  @Override
  public LoadedModel load(Path content, Map<String, String> parameters) {
    return load(content, parameters, RuntimeSettings.OPEN);
  }

  @Override
  public LoadedModel load(Path content, Map<String, String> parameters, RuntimeSettings settings) {
    int threads = threads(parameters, settings);
    OnnxScanner.scan(content, OnnxScanner.Limits.DEFAULT);
    try {
      ExecutionProviders providers = new ExecutionProviders(Environment.INSTANCE);
      providers.register(settings);
      return open(content, threads, providers, settings.executionProviders());
    } catch (OrtException e) {
      throw rejected(Reason.of(e), e);
    } catch (IOException e) {
      throw rejected("its content cannot be read", e);
    } catch (LinkageError e) {
      throw McpException.streamError(
          ErrorCode.SERVICE_UNAVAILABLE, "ONNX Runtime does not run on this machine", e);
    }
  }

  /** Without the first provider, if no session can be made with it; never without the CPU. */
  private static LoadedModel open(
      Path content, int threads, ExecutionProviders providers, List<String> wanted)
      throws OrtException, IOException {
    try (OrtSession.SessionOptions options = SessionSettings.create(threads)) {
      List<String> used = providers.addTo(options, wanted);
      OrtSession session;
      try {
        session =
            wanted.isEmpty()
                ? PREPARED.open(Environment.INSTANCE, content, threads, options)
                : Environment.INSTANCE.createSession(content.toString(), options);
      } catch (OrtException e) {
        if (used.size() == 1) {
          throw e;
        }
        ExecutionProviders.skipped(used.get(0), Reason.of(e));
        return open(content, threads, providers, used.subList(1, used.size()));
      }
      return opened(session, content, wanted.isEmpty() ? List.of() : used);
    }
  }

  private static LoadedModel opened(OrtSession session, Path content, List<String> providers)
      throws OrtException, IOException {
    try {
      return new OnnxModel(Environment.INSTANCE, session, GraphEdges.read(content), providers);
    } catch (OrtException | IOException | RuntimeException e) {
      session.close();
      throw e;
    }
  }

  private static int threads(Map<String, String> parameters, RuntimeSettings settings) {
    int asked = intraOpThreads(parameters);
    return settings.intraOpThreads() == 0 ? asked : settings.intraOpThreads();
  }

  private static int intraOpThreads(Map<String, String> parameters) {
    String value = parameters.get(INTRA_OP_THREADS);
    if (value == null) {
      return DEFAULT_INTRA_OP_THREADS;
    }
    int threads = value.matches("[0-9]{1,5}") ? Integer.parseInt(value) : 0;
    if (threads < 1 || threads > MAX_INTRA_OP_THREADS) {
      throw McpException.streamError(
          ErrorCode.INVALID_ARGUMENT,
          "parameter "
              + INTRA_OP_THREADS
              + " is "
              + Reason.quoted(value)
              + ", expected 1 to "
              + MAX_INTRA_OP_THREADS);
    }
    return threads;
  }

  private static McpException rejected(String reason, Exception cause) {
    return McpException.streamError(
        ErrorCode.MODEL_REJECTED, "ONNX Runtime refuses the model: " + reason, cause);
  }

  /** Starts the native library with the first model, not with the first look at this class. */
  private static final class Environment {
    private static final OrtEnvironment INSTANCE;

    static {
      SharedLibraries.properties();
      INSTANCE = OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL, "mcp");
    }

    private Environment() {}
  }
}
