package io.modelcontrol.runtime;

import io.modelcontrol.Digest;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.ModelDescriptor;
import io.modelcontrol.ModelId;
import io.modelcontrol.ModelState;
import io.modelcontrol.model.ModelManifest;
import io.modelcontrol.model.ModelStore;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageType;
import io.modelcontrol.wire.UploadParameters;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * The updates of a host, one at a time for each model: from the content that is complete to the
 * version that is active, or to the one before. Lives on the host's context.
 */
final class ModelUpdates implements ModelUpdate.Steps {
  /** How long the outcome of an update is told to those who come late. */
  private static final long REMEMBER_MS = 60_000;

  private final Vertx vertx;
  private final Context context;
  private final ModelHostOptions options;
  private final ModelLoader loader;
  private final ModelVersions versions;
  private final ModelStore store;
  private final ModelManifest manifest;
  private final Runnable changed;

  /** Names of models whose next version is being loaded or tried. */
  private final Set<String> busy = new HashSet<>();

  private final Map<String, ModelUpdate> byName = new HashMap<>();
  private final Map<String, ModelUpdate> byId = new HashMap<>();

  /**
   * The updates of a host.
   *
   * @param changed tells everybody who follows the models
   */
  ModelUpdates(
      Vertx vertx,
      Context context,
      ModelHostOptions options,
      ModelLoader loader,
      ModelVersions versions,
      ModelStore store,
      ModelManifest manifest,
      Runnable changed) {
    this.vertx = vertx;
    this.context = context;
    this.options = options;
    this.loader = loader;
    this.versions = versions;
    this.store = store;
    this.manifest = manifest;
    this.changed = changed;
  }

  boolean isUnderWay(String name) {
    return busy.contains(name);
  }

  /** Throws UPDATE_CONFLICT while a model of this name is being updated. */
  void requireNone(String name) {
    if (isUnderWay(name)) {
      throw McpException.streamError(
          ErrorCode.UPDATE_CONFLICT, "model '" + name + "' is being updated");
    }
  }

  /**
   * Updates a model to a version whose content is in the store.
   *
   * @return the outcome, or a STATUS CONTINUE that names the update for {@link #news}; failed if
   *     the version cannot be loaded
   */
  Future<Message> begin(ModelManifest.Entry entry, UpdatePolicy policy) {
    String name = entry.id().name();
    requireNone(name);
    ServedModel known = versions.get(entry.id());
    if (known != null) {
      return activateKnown(known, entry.digest(), policy);
    }
    busy.add(name);
    return loader
        .load(entry)
        .onFailure(failure -> busy.remove(name))
        .compose(candidate -> begin(candidate, policy));
  }

  private Future<Message> begin(ServedModel candidate, UpdatePolicy policy) {
    String name = candidate.id().name();
    ModelRouter router = versions.router(name);
    if (router == null) {
      return activate(candidate).onComplete(done -> busy.remove(name)).map(ModelUpdates::activated);
    }
    ModelUpdate update = new ModelUpdate(vertx, candidate, router, policy, this, System::nanoTime);
    String id = UUID.randomUUID().toString();
    byName.put(name, update);
    byId.put(id, update);
    update
        .outcome()
        .onComplete(
            done -> {
              busy.remove(name);
              byName.remove(name);
              vertx.setTimer(REMEMBER_MS, timer -> byId.remove(id));
              changed.run();
            });
    update.start();
    changed.run();
    return news(id);
  }

  /** The update to this version that is under way, for somebody who asks for it again. */
  Optional<Future<Message>> underWay(ModelManifest.Entry entry) {
    ModelUpdate update = byName.get(entry.id().name());
    if (update == null || !update.isTo(entry)) {
      return Optional.empty();
    }
    return byId.entrySet().stream()
        .filter(known -> known.getValue() == update)
        .findFirst()
        .map(known -> news(known.getKey()));
  }

  /** The version is loaded already: it takes over at once. */
  private Future<Message> activateKnown(ServedModel known, Digest digest, UpdatePolicy policy) {
    if (!known.entry().digest().equals(digest)) {
      throw McpException.streamError(
          ErrorCode.UPDATE_CONFLICT, "model " + known.id() + " is loaded with other content");
    }
    if (policy.kind() != UpdatePolicy.Kind.ALL && versions.isActive(known)) {
      throw McpException.streamError(
          ErrorCode.UPDATE_CONFLICT, "model " + known.id() + " is the active version");
    }
    return switchTo(known);
  }

  private Future<Message> switchTo(ServedModel known) {
    return context
        .executeBlocking(
            () -> {
              manifest.put(known.entry());
              return null;
            })
        .compose(v -> versions.activate(known))
        .onSuccess(v -> changed.run())
        .map(v -> activated(known.descriptor()));
  }

  static Message activated(ModelDescriptor descriptor) {
    return Message.of(MessageType.STATUS).status(ErrorCode.OK).descriptor(descriptor);
  }

  /** Whether this names an update. */
  boolean knows(String id) {
    return byId.containsKey(id);
  }

  /** How an update stands, as soon as there is something new. */
  Future<Message> news(String id) {
    return byId.get(id)
        .news()
        .map(
            status ->
                status.status() == ErrorCode.CONTINUE
                    ? status
                        .parameter(UploadParameters.WAIT, UploadParameters.YES)
                        .parameter(MessageBus.UPLOAD, id)
                    : status);
  }

  /**
   * Does what a MODEL_UPDATE without content asks for.
   *
   * @param action {@code promote}, {@code rollback} or {@code activate}
   * @param versionOrNull what is to be activated
   */
  Future<Message> act(String name, String action, String versionOrNull) {
    return switch (action) {
      case "promote" -> promote(name);
      case "rollback" -> rollBack(name);
      case "activate" -> activateNamed(name, versionOrNull);
      default ->
          throw McpException.streamError(
              ErrorCode.INVALID_ARGUMENT,
              "parameter " + UploadParameters.ACTION + " must be promote, rollback or activate");
    };
  }

  private Future<Message> promote(String name) {
    ModelUpdate update = byName.get(name);
    if (update == null || !update.promote()) {
      throw McpException.streamError(
          ErrorCode.UPDATE_CONFLICT, "no version of model '" + name + "' is being tried");
    }
    return update.outcome();
  }

  private Future<Message> activateNamed(String name, String versionOrNull) {
    requireNone(name);
    ServedModel known =
        versionOrNull == null ? null : versions.get(new ModelId(name, versionOrNull));
    if (known == null) {
      throw McpException.streamError(
          ErrorCode.MODEL_NOT_FOUND, "model '" + name + "' is not loaded in that version");
    }
    return switchTo(known);
  }

  /** Takes back what is being tried; else goes back to the version before. */
  private Future<Message> rollBack(String name) {
    ModelUpdate update = byName.get(name);
    if (update != null && update.takeBack()) {
      return update.outcome().map(v -> activated(versions.router(name).active().descriptor()));
    }
    requireNone(name);
    if (versions.router(name) == null) {
      throw McpException.streamError(
          ErrorCode.MODEL_NOT_FOUND, "no model '" + name + "' is loaded");
    }
    List<ServedModel> served = versions.ofName(name);
    if (served.size() > 1) {
      return switchTo(served.get(served.size() - 2));
    }
    List<ModelManifest.Entry> retired = manifest.retired(name);
    if (retired.isEmpty()) {
      throw McpException.streamError(
          ErrorCode.MODEL_NOT_FOUND, "model '" + name + "' has no version to go back to");
    }
    ModelManifest.Entry last = retired.get(retired.size() - 1);
    return begin(last.withRetired(false), UpdatePolicy.of(Map.of()))
        .compose(begun -> ended(name, begun));
  }

  /** The outcome, where {@link #begin} told only that it goes on. */
  private Future<Message> ended(String name, Message begun) {
    ModelUpdate update = byName.get(name);
    return update == null ? Future.succeededFuture(begun) : update.outcome();
  }

  @Override
  public Future<Void> warmUp(ServedModel candidate, ModelRouter router) {
    return new WarmUp((ContextInternal) context, loader, candidate, router).run();
  }

  @Override
  public Future<Void> tryOut(ServedModel candidate, ModelState as) {
    return versions.add(candidate, as).onSuccess(v -> changed.run());
  }

  @Override
  public Future<ModelDescriptor> activate(ServedModel candidate) {
    ModelRouter router = versions.router(candidate.id().name());
    ServedModel before = router == null ? null : router.active();
    return context
        .executeBlocking(
            () ->
                manifest.replace(
                    before == null ? null : before.id(),
                    candidate.entry(),
                    options.getKeepVersions()))
        .compose(
            forgotten ->
                served(candidate)
                    .compose(v -> versions.activate(candidate))
                    .onSuccess(v -> retire(before, forgotten)))
        .map(v -> candidate.descriptor());
  }

  private Future<Void> served(ServedModel candidate) {
    if (candidate.state() == ModelState.WARMING || candidate.state() == ModelState.LOADING) {
      return versions.add(candidate, ModelState.READY);
    }
    candidate.become(ModelState.READY);
    return Future.succeededFuture();
  }

  /** In its own time; nobody waits for it. */
  private void retire(ServedModel beforeOrNull, List<Digest> forgotten) {
    Future<Void> gone =
        beforeOrNull == null
            ? Future.succeededFuture()
            : versions.remove(List.of(beforeOrNull), options.getDrainTimeoutMs());
    gone.onComplete(
        v -> {
          changed.run();
          forgotten.stream()
              .filter(digest -> !versions.uses(digest))
              .forEach(digest -> context.executeBlocking(() -> store.delete(digest)));
        });
  }

  @Override
  public void remove(ServedModel candidate) {
    versions.remove(List.of(candidate), options.getDrainTimeoutMs()).onComplete(v -> changed.run());
  }
}
