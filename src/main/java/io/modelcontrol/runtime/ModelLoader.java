package io.modelcontrol.runtime;

import io.modelcontrol.model.ModelManifest;
import io.modelcontrol.model.ModelStore;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.util.Map;

/**
 * Makes a version whose content is in the store ready to serve: chooses its runtime, in the node or
 * in a process of its own, and has its workers load it. Lives on the host's context.
 */
final class ModelLoader {
  private final Vertx vertx;
  private final Context context;
  private final ModelHostOptions options;
  private final ModelRuntimes runtimes;
  private final ModelIsolation isolation;
  private final ModelStore store;

  ModelLoader(
      Vertx vertx,
      Context context,
      ModelHostOptions options,
      ModelRuntimes runtimes,
      ModelIsolation isolation,
      ModelStore store) {
    this.vertx = vertx;
    this.context = context;
    this.options = options;
    this.runtimes = runtimes;
    this.isolation = isolation;
    this.store = store;
  }

  /**
   * Loads a version.
   *
   * @return the version, loaded and known to nobody; failed with MODEL_NOT_FOUND if its content is
   *     not in the store, MODEL_REJECTED if the runtime refuses it
   */
  Future<ServedModel> load(ModelManifest.Entry entry) {
    return context
        .executeBlocking(
            () -> {
              Path content = store.path(entry.digest());
              return Map.entry(runtimes.forContent(entry.runtime(), content), content);
            })
        .compose(found -> load(entry, found.getKey(), found.getValue()));
  }

  private Future<ServedModel> load(ModelManifest.Entry entry, ModelRuntime runtime, Path content) {
    SharedModel shared =
        new SharedModel(
            entry.id(),
            placed(runtime, entry),
            content,
            entry.parameters(),
            new Activation(options.getActivationTimeoutMs()));
    ServedModel model = new ServedModel(vertx, options, shared, entry, System::nanoTime);
    return model.start(runtime.name()).map(model);
  }

  /** The runtime, here or in a process of its own. */
  private ModelRuntime placed(ModelRuntime runtime, ModelManifest.Entry entry) {
    boolean isolated =
        switch (options.getIsolation()) {
          case ModelHostOptions.ISOLATION_PROCESS -> true;
          case ModelHostOptions.ISOLATION_UNTRUSTED -> !entry.trusted();
          default -> false;
        };
    return isolated
        ? isolation.isolate(vertx, options, runtime, entry.id(), entry.digest())
        : runtime;
  }
}
