package io.modelcontrol.runtime;

import io.modelcontrol.Digest;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.model.ModelManifest;
import io.modelcontrol.model.ModelSignatures;
import io.modelcontrol.model.ModelStore;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

/**
 * Makes a version whose content is in the store ready to serve: waits for its turn, has its memory
 * admitted, chooses its runtime, in the node or in a process of its own, and loads it on threads
 * that serve nobody. Lives on the host's context.
 */
final class ModelLoader {
  /** The load parameter that names a runtime. */
  static final String RUNTIME = "runtime";

  /** What is to be loaded, and by what. */
  private record Found(
      ModelManifest.Entry entry, ModelRuntime runtime, boolean isolated, Path content, long bytes) {
    ModelMemory.Candidate candidate() {
      return new ModelMemory.Candidate(entry.digest(), bytes, isolated);
    }
  }

  private final Vertx vertx;
  private final ModelHostOptions options;
  private final ModelRuntimes runtimes;
  private final ModelIsolation isolation;
  private final ModelStore store;
  private final ModelMemory memory;
  private final LoadGate gate;
  private final LoadPace untrusted;
  private final ModelSignatures signaturesOrNull;

  /** Runtimes that have loaded: with the first model of each its library is loaded, too. */
  private final Set<String> started = new HashSet<>();

  ModelLoader(
      Vertx vertx,
      ModelHostOptions options,
      ModelRuntimes runtimes,
      ModelIsolation isolation,
      ModelStore store,
      ModelMemory memory) {
    this.vertx = vertx;
    this.options = options;
    this.runtimes = runtimes;
    this.isolation = isolation;
    this.store = store;
    this.memory = memory;
    this.gate = new LoadGate(vertx, options.getMaxParallelLoads());
    this.untrusted = new LoadPace(options.getUntrustedLoadsPerMinute());
    this.signaturesOrNull = signatures(options);
  }

  private static ModelSignatures signatures(ModelHostOptions options) {
    SignatureOptions trusted = options.getSignatures();
    return trusted == null
        ? null
        : ModelSignatures.open(
            Path.of(options.getStore()),
            trusted.getKeyFiles(),
            trusted.getCaFiles(),
            InstantSource.system());
  }

  /**
   * Whether there is no content to ask for. Blocks.
   *
   * @param signatureOrNull that came with the request; kept if it is good
   * @throws McpException MODEL_REJECTED if the content would be refused for want of a signature
   */
  boolean isStored(Digest digest, String signatureOrNull) {
    if (signaturesOrNull != null) {
      signaturesOrNull.require(digest, signatureOrNull);
    }
    return store.has(digest);
  }

  ModelStore store() {
    return store;
  }

  /** Where files are read that are no request's. */
  LoadGate gate() {
    return gate;
  }

  /** Ends the threads of the loads. */
  Future<Void> close() {
    return gate.close();
  }

  /**
   * Loads a version that somebody asks for. Those who are not trusted wait for the next place of
   * their {@link LoadPace}.
   *
   * @return as {@link #loadInTurn}; failed with OVERLOADED if too many loads wait
   */
  Future<ServedModel> load(ModelManifest.Entry entry) {
    return entry.trusted() ? loadInTurn(entry) : untrustedPlace().compose(v -> loadInTurn(entry));
  }

  private Future<Void> untrustedPlace() {
    long waitMs;
    try {
      waitMs = TimeUnit.NANOSECONDS.toMillis(untrusted.waitNanos(System.nanoTime()));
    } catch (McpException e) {
      return Future.failedFuture(e);
    }
    return waitMs == 0
        ? Future.succeededFuture()
        : vertx.timer(waitMs, TimeUnit.MILLISECONDS).mapEmpty();
  }

  /**
   * Loads a version when its turn comes.
   *
   * @return the version, loaded and known to nobody; failed with MODEL_NOT_FOUND if its content is
   *     not in the store, MODEL_REJECTED if the runtime refuses it, RESOURCE_EXHAUSTED if there is
   *     no memory for it, OVERLOADED if too many loads wait
   */
  Future<ServedModel> loadInTurn(ModelManifest.Entry entry) {
    return gate.pass(
        () ->
            gate.work(() -> find(entry))
                .compose(
                    found ->
                        memory
                            .admit(found.candidate())
                            .compose(reservation -> load(found, reservation))));
  }

  private Found find(ModelManifest.Entry entry) {
    Path content = store.path(entry.digest());
    if (signaturesOrNull != null) {
      // That of the request was kept when it was found to be good.
      signaturesOrNull.require(entry.digest(), null);
    }
    ModelRuntime runtime = runtimes.forContent(entry.runtime(), content);
    try {
      return new Found(entry, runtime, isIsolated(entry), content, Files.size(content));
    } catch (IOException e) {
      throw McpException.streamError(
          ErrorCode.RUNTIME_FAILURE, "the model's content cannot be read", e);
    }
  }

  private boolean isIsolated(ModelManifest.Entry entry) {
    return switch (options.getIsolation()) {
      case ModelIsolation.PROCESS -> true;
      case ModelIsolation.UNTRUSTED -> !entry.trusted();
      default -> false;
    };
  }

  private Future<ServedModel> load(Found found, MemoryBudget.Reservation reservation) {
    ModelManifest.Entry entry = found.entry();
    SharedModel shared =
        new SharedModel(
            entry.id(),
            placed(found),
            found.content(),
            entry.parameters(),
            runtimeSettings(entry),
            new Activation(options.getActivationTimeoutMs()));
    ServedModel model = new ServedModel(vertx, options, shared, entry, System::nanoTime);
    model.whenRetired(() -> closed(shared, reservation));
    return prepare(found, shared, reservation)
        .onFailure(failure -> reservation.release())
        .compose(
            v ->
                model
                    .start(found.runtime().name())
                    .recover(
                        failure ->
                            closed(shared, reservation)
                                .transform(done -> Future.failedFuture(failure))))
        .map(model);
  }

  /** On a thread of the loads, as to free a model takes a worker's thread milliseconds. */
  private Future<Void> closed(SharedModel shared, MemoryBudget.Reservation reservation) {
    return gate.<Void>runtimeWork(
            () -> {
              shared.release();
              return null;
            })
        .onComplete(done -> reservation.release());
  }

  /**
   * Loads, until {@link #closed}, so that the workers find it loaded; measures what that took if
   * nothing else loads.
   */
  private Future<Void> prepare(
      Found found, SharedModel shared, MemoryBudget.Reservation reservation) {
    boolean measurable =
        !started.add(found.runtime().name()) && gate.isAlone() && !found.isolated();
    long begun = gate.begun();
    Callable<Growth> load = () -> grownBytes(shared);
    return runtimeWork(shared, load)
        .compose(
            grown ->
                measurable && gate.begun() == begun && grown.known()
                    ? gate.work(() -> measured(found, reservation, grown.bytes()))
                    : Future.succeededFuture());
  }

  private <T> Future<T> runtimeWork(SharedModel model, Callable<T> work) {
    return model.startsThreads() ? gate.startingWork(work) : gate.runtimeWork(work);
  }

  /** Does something with a version that was loaded, when its turn comes, as if it were a load. */
  <T> Future<T> workOn(SharedModel model, Callable<T> work) {
    return gate.pass(() -> runtimeWork(model, work));
  }

  private record Growth(boolean known, long bytes) {}

  private static Growth grownBytes(SharedModel shared) {
    long before = ResidentMemory.bytesBesideTheHeap();
    shared.acquire();
    long after = ResidentMemory.bytesBesideTheHeap();
    return new Growth(before >= 0 && after >= 0, after - before);
  }

  private Void measured(Found found, MemoryBudget.Reservation reservation, long bytes) {
    memory.measured(found.candidate(), reservation, bytes);
    return null;
  }

  private RuntimeSettings runtimeSettings(ModelManifest.Entry entry) {
    ModelSettings settings = ModelSettings.of(options, entry.id().name());
    return new RuntimeSettings(
        settings.getIntraOpThreads(),
        settings.getExecutionProviders(),
        settings.getProviderLibraries());
  }

  /** The runtime, here or in a process of its own. */
  private ModelRuntime placed(Found found) {
    ModelManifest.Entry entry = found.entry();
    return found.isolated()
        ? isolation.isolate(vertx, options, found.runtime(), entry.id(), entry.digest())
        : found.runtime();
  }
}
