package io.modelcontrol.runtime.conformance;

import io.modelcontrol.DataType;
import io.modelcontrol.runtime.LoadedModel;
import io.modelcontrol.runtime.ModelRuntime;
import io.modelcontrol.runtime.RuntimeSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;

/** What the cases work with. Used by one case at a time. */
final class Bench {
  private final ModelRuntime runtime;
  private final ConformanceModels models;
  private final Path folder;
  private final long cancelMs;
  private final IdentityHashMap<ConformanceModel, Path> files = new IdentityHashMap<>();

  /**
   * A bench for one runtime.
   *
   * @param folder for the contents of models
   * @param cancelMs milliseconds within which a run has to end after it was canceled
   */
  Bench(ModelRuntime runtime, ConformanceModels models, Path folder, long cancelMs) {
    this.runtime = runtime;
    this.models = models;
    this.folder = folder;
    this.cancelMs = cancelMs;
  }

  ConformanceModels models() {
    return models;
  }

  long cancelMs() {
    return cancelMs;
  }

  /** The model, or the end of a case that cannot do without. */
  <T> T need(Optional<T> modelOrNone, String what) {
    return modelOrNone.orElseThrow(
        () -> CaseEnd.notRun("there is no model of '" + models.runtime() + "' for " + what));
  }

  ConformanceModel identity(DataType type) {
    return need(models.identity(type), "identity of " + type);
  }

  LoadedModel load(ConformanceModel model) throws IOException {
    return load(model, RuntimeSettings.OPEN);
  }

  LoadedModel load(ConformanceModel model, RuntimeSettings settings) throws IOException {
    return runtime.load(file(model), Map.of(), settings);
  }

  private Path file(ConformanceModel model) throws IOException {
    Path known = files.get(model);
    if (known != null) {
      return known;
    }
    Path file = Files.createTempFile(folder, "model", null);
    Files.write(file, model.content());
    files.put(model, file);
    return file;
  }
}
