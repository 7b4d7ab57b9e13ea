package io.modelcontrol.runtime;

import io.modelcontrol.Digest;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.ErrorLevel;
import io.modelcontrol.McpException;
import io.modelcontrol.ModelDescriptor;
import io.modelcontrol.ModelId;
import io.modelcontrol.ModelState;
import io.modelcontrol.model.ModelManifest;
import io.modelcontrol.model.WatchedFolder;
import io.modelcontrol.model.WatchedFolder.Version;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves what lies in a folder that the operator's tools write to. A version is loaded when two
 * looks in a row have found its files unchanged, and unloaded when two have not found it; of a
 * model's versions the one with the highest number is activated. The folder is the truth: what was
 * loaded from it is not in the manifest. Lives on the host's context; files are read on threads of
 * the loads.
 */
final class WatchedModels {
  private static final Logger LOG = LoggerFactory.getLogger(WatchedModels.class);

  /** What is known of a version that lay in the folder. */
  private static final class Seen {
    Object stamp;
    boolean handled;
    int missing;
    ModelManifest.Entry served;
    boolean loadedHere;
    String problem = "";
  }

  private final Vertx vertx;
  private final ModelHostOptions options;
  private final WatchedFolder folder;
  private final ModelVersions versions;
  private final PendingLoads loading;
  private final ModelLoader loader;
  private final Predicate<String> isUpdating;
  private final Runnable announce;
  private final Map<ModelId, Seen> all =
      new TreeMap<>((a, b) -> a.toString().compareTo(b.toString()));

  /** Names whose highest version may be another one, and is to be active. */
  private final Set<String> changed = new HashSet<>();

  private String problem = "";
  private boolean stopped;

  /**
   * What lies in the folder of the options.
   *
   * @param isUpdating whether a model of that name is being updated: it is left alone meanwhile
   * @param announce tells everybody who follows the models
   */
  WatchedModels(
      Vertx vertx,
      ModelHostOptions options,
      ModelVersions versions,
      PendingLoads loading,
      ModelLoader loader,
      Predicate<String> isUpdating,
      Runnable announce) {
    this.vertx = vertx;
    this.options = options;
    this.folder = new WatchedFolder(Path.of(options.getWatchFolder()));
    this.versions = versions;
    this.loading = loading;
    this.loader = loader;
    this.isUpdating = isUpdating;
    this.announce = announce;
  }

  /** Looks now, and again when the last look has been dealt with. */
  void start() {
    if (stopped || options.getWatchFolder().isEmpty()) {
      return;
    }
    loader
        .gate()
        .work(folder::look)
        .compose(this::compare)
        .onSuccess(v -> problem = "")
        .onFailure(failure -> problem = tell("The watched folder", problem, failure))
        .onComplete(done -> vertx.setTimer(options.getWatchMs(), id -> start()));
  }

  void stop() {
    stopped = true;
  }

  private Future<Void> compare(List<Version> found) {
    Future<Void> work = forgetMissing(found);
    for (Version version : found) {
      Seen seen = all.computeIfAbsent(version.id(), id -> new Seen());
      seen.missing = 0;
      if (!version.stamp().equals(seen.stamp)) {
        seen.stamp = version.stamp();
        seen.handled = false;
      } else if (!seen.handled && !stopped) {
        work = work.compose(v -> handle(version, seen));
      }
    }
    return work.compose(v -> activateHighest());
  }

  private Future<Void> forgetMissing(List<Version> found) {
    Set<ModelId> there = found.stream().map(Version::id).collect(Collectors.toSet());
    Future<Void> work = Future.succeededFuture();
    for (Map.Entry<ModelId, Seen> entry : List.copyOf(all.entrySet())) {
      Seen seen = entry.getValue();
      if (!there.contains(entry.getKey()) && ++seen.missing > 1) {
        all.remove(entry.getKey());
        work = work.compose(v -> unload(entry.getKey(), seen));
      }
    }
    return work;
  }

  private Future<Void> unload(ModelId id, Seen seen) {
    ServedModel model = versions.get(id);
    if (!seen.loadedHere || model == null || !model.entry().equals(seen.served)) {
      return Future.succeededFuture();
    }
    LOG.info("Model {} is unloaded: it is not in the watched folder any more", id);
    changed.add(id.name());
    return versions.remove(List.of(model), 0).onSuccess(v -> announce.run());
  }

  /** Loads a version, or finds that what is served is another one. Never fails. */
  private Future<Void> handle(Version version, Seen seen) {
    return loader
        .gate()
        .work(() -> read(version, seen))
        .compose(entry -> serve(entry, seen))
        .onSuccess(
            v -> {
              seen.handled = true;
              seen.problem = "";
            })
        .otherwise(
            failure -> {
              seen.handled = McpException.of(failure).code().level() == ErrorLevel.CRITICAL;
              seen.problem = tell("Model " + version.id(), seen.problem, failure);
              return null;
            });
  }

  /** Blocks. */
  private ModelManifest.Entry read(Version version, Seen seen) throws IOException {
    try {
      Digest digest = WatchedFolder.digest(version);
      Map<String, String> parameters = WatchedFolder.parameters(version);
      ModelManifest.Entry entry =
          new ModelManifest.Entry(
              version.id(),
              digest,
              parameters.getOrDefault(ModelLoader.RUNTIME, ModelRuntimes.RECOGNIZE),
              parameters,
              true);
      if (seen.served != null && !seen.served.equals(entry)) {
        throw conflict(version.id());
      }
      if (!loader.isStored(digest, WatchedFolder.signature(version))) {
        WatchedFolder.copy(version, digest, loader.store());
      }
      return entry;
    } catch (IllegalArgumentException e) {
      throw McpException.streamError(
          ErrorCode.INVALID_ARGUMENT, "model.yaml: " + e.getMessage(), e);
    }
  }

  private Future<Void> serve(ModelManifest.Entry entry, Seen seen) {
    ServedModel known = versions.get(entry.id());
    if (seen.served != null || (known != null && known.entry().digest().equals(entry.digest()))) {
      // Served already, or evicted since: it is what it was.
      seen.served = entry;
      return Future.succeededFuture();
    }
    if (known != null) {
      return Future.failedFuture(conflict(entry.id()));
    }
    PendingLoads.Ticket ticket = loading.enter(entry.id(), entry.digest());
    return ticket
        .serve(() -> load(entry))
        .onComplete(done -> ticket.leave())
        .onSuccess(
            v -> {
              LOG.info("Model {} is loaded from the watched folder", entry.id());
              seen.served = entry;
              seen.loadedHere = true;
              changed.add(entry.id().name());
              announce.run();
            })
        .mapEmpty();
  }

  private Future<ModelDescriptor> load(ModelManifest.Entry entry) {
    return loader
        .load(entry)
        .compose(model -> versions.add(model, ModelState.READY).map(v -> model.descriptor()));
  }

  private static McpException conflict(ModelId id) {
    return McpException.streamError(
        ErrorCode.MODEL_REJECTED,
        "what is served as " + id + " is another one; a version does not change, give it a number");
  }

  /** A trial that is under way is not ended by what somebody copies: the folder waits. */
  private Future<Void> activateHighest() {
    Future<Void> work = Future.succeededFuture();
    for (String name : List.copyOf(changed)) {
      if (isUpdating.test(name)) {
        continue;
      }
      changed.remove(name);
      Optional<ServedModel> highest =
          all.entrySet().stream()
              .filter(entry -> entry.getKey().name().equals(name))
              .filter(entry -> entry.getValue().served != null)
              .map(Map.Entry::getKey)
              .filter(id -> versions.get(id) != null)
              .max((a, b) -> Long.compare(number(a), number(b)))
              .map(id -> versions.get(id));
      if (highest.isPresent()) {
        work = work.compose(v -> activate(highest.get()));
      }
    }
    return work;
  }

  private Future<Void> activate(ServedModel model) {
    ModelRouter router = versions.router(model.id().name());
    return router != null && router.active() == model
        ? Future.succeededFuture()
        : versions.activate(model);
  }

  private static long number(ModelId id) {
    return Long.parseLong(id.version());
  }

  /** Says it once, not with every look. */
  private static String tell(String what, String before, Throwable failure) {
    String text = failure instanceof McpException ? failure.getMessage() : failure.toString();
    if (!text.equals(before)) {
      LOG.warn("{} is not taken: {}", what, text);
    }
    return text;
  }
}
