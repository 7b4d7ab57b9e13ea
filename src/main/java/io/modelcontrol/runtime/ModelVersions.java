package io.modelcontrol.runtime;

import io.modelcontrol.Digest;
import io.modelcontrol.ModelDescriptor;
import io.modelcontrol.ModelId;
import io.modelcontrol.ModelState;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.EventBus;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The versions that a node has loaded, and which of them is active for its name: the one that was
 * activated last. Lives on the host's context.
 */
final class ModelVersions {
  /** Parameter of a descriptor: percent of the requests without a version that it answers. */
  static final String SHARE = "status.share";

  /** Parameter of a descriptor that was asked for: requests that wait or run. */
  static final String IN_FLIGHT = "status.in-flight";

  private final EventBus bus;
  private final LocalModels local;
  private final Map<ModelId, ServedModel> served = new LinkedHashMap<>();

  /** Those that finish what they have taken in. */
  private final Set<ServedModel> leaving = new LinkedHashSet<>();

  private final Map<String, ModelRouter> routers = new LinkedHashMap<>();

  ModelVersions(Vertx vertx, EventBus bus) {
    this.bus = bus;
    this.local = LocalModels.of(vertx);
  }

  /** The version of that name; null if it is not loaded. */
  ServedModel get(ModelId id) {
    return served.get(id);
  }

  /** All versions of a name, the one that was activated last at the end. */
  List<ServedModel> ofName(String name) {
    return served.values().stream().filter(model -> model.id().name().equals(name)).toList();
  }

  /**
   * The version that was used longest ago, of those that nobody uses at this moment and whose model
   * is not changing.
   *
   * @param isLoading whether a version of that name is about to come
   */
  Optional<ServedModel> leastRecentlyUsed(Predicate<String> isLoading) {
    return served.values().stream()
        .filter(ServedModel::isIdle)
        .filter(model -> !isLoading.test(model.id().name()))
        .filter(model -> ofName(model.id().name()).stream().allMatch(ModelVersions::isReady))
        .min((a, b) -> Long.signum(a.lastUsedNanos() - b.lastUsedNanos()));
  }

  private static boolean isReady(ServedModel model) {
    return model.state() == ModelState.READY;
  }

  /** Where requests go that name no version; null if there is none. */
  ModelRouter router(String name) {
    return routers.get(name);
  }

  /** Whether requests that name no version go to this one. */
  boolean isActive(ServedModel model) {
    ModelRouter router = routers.get(model.id().name());
    return router != null && router.active() == model;
  }

  boolean uses(Digest digest) {
    return served.values().stream().anyMatch(model -> model.entry().digest().equals(digest))
        || leaving.stream().anyMatch(model -> model.entry().digest().equals(digest));
  }

  /** What there is, and who answers which share of the requests that name no version. */
  List<ModelDescriptor> descriptors() {
    List<ModelDescriptor> all = new ArrayList<>();
    served.values().forEach(model -> all.add(shared(model)));
    leaving.forEach(model -> all.add(shared(model)));
    return all;
  }

  private ModelDescriptor shared(ServedModel model) {
    ModelRouter router = routers.get(model.id().name());
    int share = router == null ? 0 : router.sharePercent(model);
    return model.descriptor().withParameter(SHARE, Integer.toString(share));
  }

  /** As {@link #descriptors()}, with how busy they are at this moment. */
  List<ModelDescriptor> descriptorsWithLoad() {
    List<ModelDescriptor> all = new ArrayList<>();
    for (ServedModel model : List.copyOf(served.values())) {
      all.add(shared(model).withParameter(IN_FLIGHT, Integer.toString(model.inFlight())));
    }
    leaving.forEach(model -> all.add(shared(model)));
    return all;
  }

  void cancel(String callId) {
    served.values().forEach(model -> model.cancel(callId));
    leaving.forEach(model -> model.cancel(callId));
  }

  /** Has a version that is loaded serve those that name it, beside the active one. */
  Future<Void> add(ServedModel model, ModelState state) {
    served.put(model.id(), model);
    return model.serve(state);
  }

  /** Requests that name no version go to this one from now on, in one step. */
  Future<Void> activate(ServedModel model) {
    served.remove(model.id());
    served.put(model.id(), model);
    ModelRouter router = routers.get(model.id().name());
    if (router != null) {
      router.activate(model);
      return Future.succeededFuture();
    }
    ModelRouter first = new ModelRouter(model.id().name(), bus, local, model);
    routers.put(model.id().name(), first);
    return first.start();
  }

  /**
   * Lets versions go, and activates those that are left.
   *
   * @param graceMs how long their open sequences and generations may go on
   * @return completed when their runtimes are closed
   */
  Future<Void> remove(List<ServedModel> models, long graceMs) {
    models.forEach(model -> served.remove(model.id(), model));
    models.forEach(model -> rerouteFrom(model));
    List<Future<Void>> stops = new ArrayList<>();
    for (ServedModel model : models) {
      leaving.add(model);
      stops.add(model.stop(graceMs).onComplete(stopped -> leaving.remove(model)));
    }
    return Future.join(stops).mapEmpty();
  }

  private void rerouteFrom(ServedModel model) {
    String name = model.id().name();
    ModelRouter router = routers.get(name);
    if (router == null || router.active() != model) {
      return;
    }
    List<ServedModel> left = ofName(name).stream().filter(ModelVersions::isReady).toList();
    if (left.isEmpty()) {
      routers.remove(name);
      router.stop();
    } else {
      router.activate(left.get(left.size() - 1));
    }
  }

  Future<Void> stop() {
    List<ServedModel> all = List.copyOf(served.values());
    return remove(all, 0);
  }
}
