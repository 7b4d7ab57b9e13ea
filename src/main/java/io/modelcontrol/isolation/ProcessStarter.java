package io.modelcontrol.isolation;

import io.modelcontrol.Digest;
import io.modelcontrol.McpException;
import io.modelcontrol.ModelId;
import io.modelcontrol.Tensor;
import io.modelcontrol.runtime.ModelHostOptions;
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
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * Starts the processes of one host's models. When the first one serves, it has the archive of their
 * classes made if the store has none: by one more process, whose model is ours. Thread-safe.
 */
final class ProcessStarter {
  private static final ModelId TRIAL = new ModelId("classes", "1");

  private final Vertx vertx;
  private final ModelHostOptions options;
  private final ClassArchive archive;

  ProcessStarter(Vertx vertx, ModelHostOptions options) {
    this.vertx = vertx;
    this.options = options;
    this.archive =
        new ClassArchive(Path.of(options.getStore()).toAbsolutePath(), JvmCommand.classPath());
  }

  /**
   * Starts a process and has it load its model. Blocks.
   *
   * @throws McpException as the model's runtime throws it, or RESOURCE_EXHAUSTED if no process can
   *     be started
   * @throws ProcessEndedException if the process ended, or had to be, before the model was loaded
   */
  RuntimeProcess start(Work work) {
    RuntimeProcess process = RuntimeProcess.start(vertx, options, work, archive.use());
    archive.makeOnce(words -> run(work.runtime(), words));
    return process;
  }

  /** All that a process does: it starts, loads, runs, and ends by itself. */
  private void run(String runtime, List<String> words) {
    ConformanceModel model =
        ConformanceModels.of(runtime)
            .flatMap(ConformanceModels::add)
            .orElseThrow(() -> new IllegalStateException("there is no model to make it with"));
    try {
      Path content = Files.createTempFile("mcp-", ".model");
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
    RuntimeProcess process = RuntimeProcess.start(vertx, options, work, words);
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
