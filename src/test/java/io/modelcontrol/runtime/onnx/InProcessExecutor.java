package io.modelcontrol.runtime.onnx;

import io.modelcontrol.Tensor;
import io.modelcontrol.runtime.LoadedModel;
import io.modelcontrol.runtime.RunControl;
import io.modelcontrol.testing.CaseExecutor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Runs cases in this process; the model of the last run stays loaded until another one comes. */
final class InProcessExecutor implements CaseExecutor, AutoCloseable {
  private final Path directory;
  private final int loads;
  private byte[] content;
  private LoadedModel loaded;

  InProcessExecutor(Path directory) {
    this(directory, 1);
  }

  /**
   * An executor whose models come again.
   *
   * @param loads how often each is loaded before it runs; the third time it is prepared
   */
  InProcessExecutor(Path directory, int loads) {
    this.directory = directory;
    this.loads = loads;
  }

  @Override
  public List<Tensor> run(byte[] model, List<Tensor> inputs, List<String> outputs) {
    if (model != content) {
      close();
      loaded = load(model);
      content = model;
    }
    return loaded.infer(inputs, outputs, new RunControl());
  }

  LoadedModel load(byte[] model) {
    try {
      Path file = Files.write(Files.createTempFile(directory, "", ".onnx"), model);
      for (int i = 1; i < loads; i++) {
        new OnnxRuntime().load(file, Map.of()).close();
      }
      return new OnnxRuntime().load(file, Map.of());
    } catch (IOException e) {
      throw new UncheckedIOException("writing a model for the test", e);
    }
  }

  @Override
  public void close() {
    if (loaded != null) {
      loaded.close();
      loaded = null;
      content = null;
    }
  }
}
