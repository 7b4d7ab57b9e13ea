package io.modelcontrol.isolation;

import io.modelcontrol.Digest;
import io.modelcontrol.McpException;
import io.modelcontrol.ModelId;
import io.modelcontrol.Tensor;
import io.modelcontrol.runtime.ModelHostOptions;
import io.modelcontrol.runtime.ModelRuntimes;
import io.modelcontrol.runtime.RunControl;
import io.modelcontrol.runtime.RuntimeSettings;
import io.modelcontrol.runtime.conformance.ConformanceModel;
import io.modelcontrol.runtime.conformance.ConformanceModels;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * Starts the processes of one host's models, and keeps one ahead. When the first one serves, it has
 * the archive of their classes made if the store has none: by one more process, whose model is
 * ours. Thread-safe.
 */
final class ProcessStarter {
  private static final ModelId TRIAL = new ModelId("classes", "1");

  private final Vertx vertx;
  private final ModelHostOptions options;
  private final ClassArchive archive;
  private final Standby standby;

  /** Null until the first JVM needs its properties: to look for them blocks. */
  private ModelRuntimes runtimes;

  ProcessStarter(Vertx vertx, ModelHostOptions options) {
    this.vertx = vertx;
    this.options = options;
    this.archive =
        new ClassArchive(Path.of(options.getStore()).toAbsolutePath(), JvmCommand.classPath());
    this.standby = new Standby(this::start, options.isProcessStandby());
  }

  /**
   * Starts a process and has it load its model. Blocks.
   *
   * @throws McpException as the model's runtime throws it
   * @throws NoProcessException if none can be started
   * @throws ProcessEndedException if the process ended, or had to be, before the model was loaded
   */
  RuntimeProcess start(Work work) {
    return start().load(work);
  }

  /**
   * The same for a model whose process has ended, or is about to: by the process that was started
   * ahead, if there is one.
   */
  RuntimeProcess replace(Work work) {
    try {
      return standby.take().orElseGet(this::start).load(work);
    } finally {
      standby.prepare();
    }
  }

  /**
   * A model serves from its first process. What there is to be made ahead is made in the
   * background, where the end of the model may be seen first.
   */
  void modelBegins(Work work) {
    onThread(
        () -> {
          archive.makeOnce(words -> run(work.runtime(), words));
          standby.modelBegins();
        });
  }

  /** A model whose first process has served is closed. */
  void modelEnds() {
    standby.modelEnds();
  }

  /** On a thread of its own, which may block. */
  static void onThread(Runnable work) {
    Thread thread = new Thread(work, "mcp-process-start");
    thread.setDaemon(true);
    thread.start();
  }

  private RuntimeProcess start() {
    return start(archive.use());
  }

  private RuntimeProcess start(List<String> words) {
    List<String> all = new ArrayList<>(words);
    all.addAll(propertyWords());
    return RuntimeProcess.start(vertx, options, all);
  }

  private synchronized List<String> propertyWords() {
    if (runtimes == null) {
      runtimes = new ModelRuntimes();
    }
    return runtimes.processProperties().entrySet().stream()
        .map(property -> "-D" + property.getKey() + "=" + property.getValue())
        .toList();
  }

  /** All that a process does: it starts, loads, runs, and ends by itself. */
  private void run(String runtime, List<String> words) {
    ConformanceModel model =
        ConformanceModels.of(runtime)
            .flatMap(ConformanceModels::add)
            .orElseThrow(() -> new IllegalStateException("there is no model to make it with"));
    try {
      Path content = Files.createTempFile("mcp-", ".model");
      // The node may end meanwhile.
      content.toFile().deleteOnExit();
      try {
        Files.write(content, model.content());
        run(content, model, runtime, words);
      } finally {
        Files.delete(content);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void run(Path content, ConformanceModel model, String runtime, List<String> words) {
    Digest digest = Digest.sha256(ByteBuffer.wrap(model.content()));
    Work work = new Work(runtime, content, TRIAL, digest, Map.of(), RuntimeSettings.OPEN);
    RuntimeProcess process = start(words).load(work);
    try {
      List<Tensor> inputs =
          model.inputs().stream().map(input -> Tensor.of(input.name(), new float[] {1})).toList();
      process
          .infer(inputs, List.of(), new RunControl(), (CompletableFuture<?> run) -> {})
          .forEach(Tensor::release);
      process.end();
    } finally {
      process.close();
    }
  }
}
