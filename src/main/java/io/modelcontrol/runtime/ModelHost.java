package io.modelcontrol.runtime;

import io.modelcontrol.Digest;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.ModelDescriptor;
import io.modelcontrol.ModelId;
import io.modelcontrol.ModelState;
import io.modelcontrol.model.ModelManifest;
import io.modelcontrol.model.ModelStore;
import io.modelcontrol.telemetry.Telemetry;
import io.modelcontrol.wire.DeltaParameters;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageType;
import io.modelcontrol.wire.UploadParameters;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.MessageConsumer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The models of one node: answers loads, unloads and lists on the event bus, keeps contents in the
 * store, and has each loaded version served by its workers. What was loaded is loaded again when
 * the node starts. Lives on the context of the verticle that starts it.
 */
public final class ModelHost {
  private static final Logger LOG = LoggerFactory.getLogger(ModelHost.class);

  /** The parameter with a signature of the content; kept beside it, not told to anybody. */
  private static final String SIGNATURE = "signature";

  private final Vertx vertx;
  private final ModelHostOptions options;
  private final MessageBus bus;
  private final String address = MessageBus.HOSTS + "." + UUID.randomUUID();
  private final PendingLoads loading = new PendingLoads();
  private final List<MessageConsumer<?>> consumers = new ArrayList<>();
  private final ModelVersions versions;
  private Context context;
  private ModelLoader loader;
  private WatchedModels watched;
  private ModelStore store;
  private ModelManifest manifest;
  private Uploads uploads;
  private ModelUpdates updates;
  private Announcer announcer;

  public ModelHost(Vertx vertx, ModelHostOptions options) {
    this.vertx = vertx;
    this.options = new ModelHostOptions(options);
    this.bus = new MessageBus(vertx);
    this.versions = new ModelVersions(vertx, bus.eventBus());
  }

  /** Opens the store, loads what was loaded before, and answers from then on. */
  public Future<Void> start() {
    context = vertx.getOrCreateContext();
    return context
        .<Void>executeBlocking(
            () -> {
              Path root = Path.of(options.getStore());
              store = ModelStore.open(root, options.getMaxStoreBytes());
              manifest = ModelManifest.open(root);
              loader =
                  new ModelLoader(
                      vertx,
                      options,
                      new ModelRuntimes(),
                      isolation(),
                      store,
                      ModelMemory.open(root, options, Telemetry.of(vertx), this::evict));
              return null;
            })
        .compose(v -> restore())
        .compose(v -> listen());
  }

  /** Makes room for another version; the content stays in the store. */
  private Optional<Future<Void>> evict() {
    return options.isEvictModels()
        ? versions
            .leastRecentlyUsed(this::isChanging)
            .map(
                model -> {
                  LOG.info("Model {} is unloaded to make room for another", model.id());
                  return forget(List.of(model));
                })
        : Optional.empty();
  }

  private boolean isChanging(String name) {
    return loading.containsName(name) || (updates != null && updates.isUnderWay(name));
  }

  private static ModelIsolation isolation() {
    return ServiceLoader.load(ModelIsolation.class).findFirst().orElseThrow();
  }

  /** Stops answering, lets running requests finish, and frees the workers. */
  public Future<Void> stop() {
    consumers.forEach(MessageConsumer::unregister);
    if (announcer != null) {
      announcer.stop();
    }
    if (watched != null) {
      watched.stop();
    }
    if (uploads != null) {
      uploads.suspendAll();
    }
    return versions.stop().eventually(this::closeLoader).eventually(this::closeStore);
  }

  private Future<Void> closeLoader() {
    return loader == null ? Future.succeededFuture() : loader.close();
  }

  private Future<Void> closeStore() {
    return store == null
        ? Future.succeededFuture()
        : context.executeBlocking(
            () -> {
              store.close();
              return null;
            });
  }

  private Future<Void> restore() {
    Future<Void> all = Future.succeededFuture();
    for (ModelManifest.Entry entry : manifest.entries()) {
      all =
          all.compose(v -> serve(loader.loadInTurn(entry)))
              .<Void>mapEmpty()
              .otherwise(
                  failure -> {
                    LOG.warn("Model {} is not served: {}", entry.id(), failure.getMessage());
                    return null;
                  });
    }
    return all;
  }

  private Future<Void> listen() {
    UploadAddresses addresses = new UploadAddresses(bus, this::onCall);
    uploads = new Uploads(vertx, context, options, store, addresses);
    announcer = new Announcer(vertx, bus, address, versions::descriptors);
    updates =
        new ModelUpdates(
            vertx, context, options, loader, versions, store, manifest, announcer::announce);
    consumers.add(bus.eventBus().<Message>consumer(MessageBus.HOSTS, this::onCall));
    consumers.add(bus.eventBus().<Message>consumer(address, this::onCall));
    consumers.add(
        bus.eventBus().<String>consumer(MessageBus.CANCEL, call -> versions.cancel(call.body())));
    announcer.start();
    watched =
        new WatchedModels(
            vertx, options, versions, loading, loader, updates::isUnderWay, announcer::announce);
    watched.start();
    return uploads.start();
  }

  private void onCall(io.vertx.core.eventbus.Message<Message> call) {
    Message request = call.body();
    Future<Message> answer;
    try {
      answer = handle(call, request);
    } catch (McpException e) {
      request.release();
      answer = Future.failedFuture(e);
    }
    DeliveryOptions delivery = MessageBus.delivery().addHeader(MessageBus.HOST, address);
    answer
        .otherwise(failure -> Message.error(logged(failure)))
        .onSuccess(
            message -> {
              String upload = message.parameters().get(MessageBus.UPLOAD);
              call.reply(
                  message,
                  upload == null ? delivery : delivery.addHeader(MessageBus.UPLOAD, upload));
            });
  }

  private static McpException logged(Throwable failure) {
    if (!(failure instanceof McpException) || failure.getCause() != null) {
      LOG.warn("A request to this host failed", failure);
    }
    return McpException.of(failure);
  }

  private Future<Message> handle(io.vertx.core.eventbus.Message<Message> call, Message request) {
    MessageType type = request.standardType();
    String upload = call.headers().get(MessageBus.UPLOAD);
    String fetched = call.headers().get(MessageBus.FETCH);
    if (fetched != null) {
      Digest digest = request.digest();
      return context.executeBlocking(
          () -> ContentPiece.read(store, digest, Long.parseLong(fetched)), false);
    }
    boolean pushes = type == MessageType.MODEL_LOAD_REQ || type == MessageType.MODEL_UPDATE;
    if (pushes && upload != null) {
      return updates.knows(upload) ? updates.news(upload) : uploads.onContent(upload, request);
    }
    boolean trusted = !call.headers().contains(MessageBus.UNTRUSTED);
    if (type == MessageType.MODEL_LOAD_REQ) {
      return load(request, trusted);
    }
    if (type == MessageType.MODEL_UPDATE) {
      return update(request, trusted);
    }
    if (type == MessageType.MODEL_UNLOAD_REQ && upload != null) {
      uploads.abort(upload);
      return Future.succeededFuture(Message.status(ErrorCode.OK, ""));
    }
    if (type == MessageType.MODEL_UNLOAD_REQ) {
      return unload(request.modelName(), request.modelVersion());
    }
    if (type == MessageType.STATE_SYNC) {
      Message list = Message.of(MessageType.STATE_SYNC);
      versions.descriptorsWithLoad().forEach(list::descriptor);
      return Future.succeededFuture(list);
    }
    throw McpException.streamError(
        ErrorCode.UNSUPPORTED_MESSAGE, "a model host does not answer messages of type " + type);
  }

  private Future<Message> load(Message request, boolean trusted) {
    ModelManifest.Entry entry = entry(request, request.parameters(), trusted);
    ServedModel known = versions.get(entry.id());
    if (known != null && known.entry().digest().equals(entry.digest())) {
      return Future.succeededFuture(ModelUpdates.activated(known.descriptor()));
    }
    if (known != null) {
      throw McpException.streamError(
          ErrorCode.UPDATE_CONFLICT, "model " + entry.id() + " is loaded with other content");
    }
    return push(request, entry, ticket -> serveNew(entry, ticket));
  }

  private Future<Message> update(Message request, boolean trusted) {
    String action = request.parameters().get(UploadParameters.ACTION);
    if (action != null) {
      return updates.act(request.modelName(), action, request.modelVersion());
    }
    UpdatePolicy policy = UpdatePolicy.of(request.parameters());
    ModelManifest.Entry entry =
        entry(request, UpdatePolicy.runtimeParameters(request.parameters()), trusted);
    Optional<Future<Message>> underWay = updates.underWay(entry);
    if (underWay.isPresent()) {
      return underWay.get();
    }
    updates.requireNone(entry.id().name());
    return push(
        request,
        entry,
        ticket ->
            Future.<Message>future(begun -> updates.begin(entry, policy).onComplete(begun))
                .onFailure(failure -> discardRefused(entry.digest(), failure))
                .onComplete(done -> ticket.leave()));
  }

  private static ModelManifest.Entry entry(
      Message request, Map<String, String> given, boolean trusted) {
    Map<String, String> parameters = new TreeMap<>(given);
    parameters.remove(SIGNATURE);
    parameters.remove(DeltaParameters.DELTA);
    return new ModelManifest.Entry(
        new ModelId(request.modelName(), request.modelVersion()),
        request.digest(),
        parameters.getOrDefault(ModelLoader.RUNTIME, ModelRuntimes.RECOGNIZE),
        parameters,
        trusted);
  }

  /** Has the content brought, if the store lacks it, and goes on with it then. */
  private Future<Message> push(
      Message request,
      ModelManifest.Entry entry,
      Function<PendingLoads.Ticket, Future<Message>> whenComplete) {
    PendingLoads.Ticket ticket = loading.enter(entry.id(), entry.digest());
    String signatureOrNull = request.parameters().get(SIGNATURE);
    return context
        .executeBlocking(() -> loader.isStored(entry.digest(), signatureOrNull))
        .onFailure(failure -> ticket.leave())
        .compose(
            has ->
                has
                    ? whenComplete.apply(ticket)
                    : uploads.begin(
                        new Pusher.Push(
                            entry.id(),
                            entry.digest(),
                            request.contentSize(),
                            () -> whenComplete.apply(ticket),
                            ticket::leave,
                            Delta.bases(request, manifest.entries()))));
  }

  /** The content is complete: loads it, then keeps it in the manifest. */
  private Future<Message> serveNew(ModelManifest.Entry entry, PendingLoads.Ticket ticket) {
    return ticket
        .serve(() -> serveAndKeep(entry))
        .onComplete(done -> ticket.leave())
        .onFailure(failure -> discardRefused(entry.digest(), failure))
        .map(ModelUpdates::activated);
  }

  private Future<ModelDescriptor> serveAndKeep(ModelManifest.Entry entry) {
    updates.requireNone(entry.id().name());
    return serve(loader.load(entry))
        .compose(
            descriptor ->
                context.executeBlocking(
                    () -> {
                      manifest.put(entry);
                      return descriptor;
                    }))
        .onSuccess(descriptor -> announcer.announce());
  }

  /** What is refused is not kept, or refused uploads would fill the store. */
  private void discardRefused(Digest digest, Throwable failure) {
    boolean used = loading.contains(digest) || versions.uses(digest) || manifest.uses(digest);
    if (McpException.of(failure).code() == ErrorCode.MODEL_REJECTED && !used) {
      context.executeBlocking(() -> store.delete(digest));
    }
  }

  private Future<ModelDescriptor> serve(Future<ServedModel> loaded) {
    return loaded.compose(
        model ->
            versions
                .add(model, ModelState.READY)
                .compose(v -> versions.activate(model))
                .map(v -> model.descriptor()));
  }

  /** Unloads versions, which are not loaded again when the node starts. */
  private Future<Void> forget(List<ServedModel> models) {
    Future<Void> gone = versions.remove(models, 0);
    return gone.compose(
            v ->
                context.<Void>executeBlocking(
                    () -> {
                      models.forEach(model -> manifest.remove(model.id()));
                      return null;
                    }))
        .onSuccess(v -> announce());
  }

  /** Nobody asks before the node listens. */
  private void announce() {
    if (announcer != null) {
      announcer.announce();
    }
  }

  private Future<Message> unload(String name, String versionOrNull) {
    updates.requireNone(name);
    List<ServedModel> models =
        versions.ofName(name).stream()
            .filter(model -> versionOrNull == null || model.id().version().equals(versionOrNull))
            .toList();
    if (models.isEmpty()) {
      throw McpException.streamError(
          ErrorCode.MODEL_NOT_FOUND,
          "no model '"
              + name
              + "'"
              + (versionOrNull == null ? "" : " in version " + versionOrNull));
    }
    return forget(models).map(v -> Message.status(ErrorCode.OK, ""));
  }
}
