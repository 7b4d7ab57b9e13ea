package io.modelcontrol.serving;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.ModelDescriptor;
import io.modelcontrol.ModelId;
import io.modelcontrol.runtime.MessageBus;
import io.modelcontrol.runtime.ModelCatalog;
import io.modelcontrol.server.McpServerRequest;
import io.modelcontrol.server.McpServerSession;
import io.modelcontrol.session.transport.McpStream;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageType;
import io.modelcontrol.wire.UploadParameters;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.function.Supplier;

/**
 * STATE_SYNC, MODEL_UNLOAD_REQ and MODEL_UPDATE without content: asked of every host that is known,
 * and put together. Contract 3.
 */
final class CatalogHandler {
  private final MessageBus bus;
  private final ModelCatalog catalog;
  private final ServingOptions options;

  CatalogHandler(MessageBus bus, ModelCatalog catalog, ServingOptions options) {
    this.bus = bus;
    this.catalog = catalog;
    this.options = options;
  }

  void list(McpServerRequest request) {
    Message message = request.message();
    String name = message.modelName();
    boolean subscribe = "true".equals(message.parameters().get("subscribe"));
    message.release();
    if (subscribe) {
      subscribe(request, name);
      return;
    }
    ask(() -> Message.of(MessageType.STATE_SYNC), options.getListTimeoutMs())
        .onSuccess(
            answers -> {
              if (answers.isEmpty()) {
                request.fail(nobody());
                return;
              }
              List<ModelDescriptor> all = new ArrayList<>();
              answers.forEach(answer -> all.addAll(answer.descriptors()));
              request.reply(state(all, name, request.session()));
            });
  }

  /** Pushes what is known now, and again with each change, until the client resets the stream. */
  private void subscribe(McpServerRequest request, String name) {
    McpStream stream = request.stream();
    Context context = Vertx.currentContext();
    Runnable push = () -> stream.write(state(catalog.models(), name, request.session()));
    Runnable watcher = () -> context.runOnContext(v -> push.run());
    catalog.watch(watcher);
    stream.exceptionHandler(ended -> catalog.unwatch(watcher));
    push.run();
  }

  /** What the session may know of; for it, no other model exists. */
  private static Message state(
      Collection<ModelDescriptor> models, String nameOrNull, McpServerSession session) {
    Message state = Message.of(MessageType.STATE_SYNC);
    models.stream()
        .filter(model -> nameOrNull == null || model.id().name().equals(nameOrNull))
        .filter(model -> session.mayDo(MessageType.STATE_SYNC.code(), model.id().name()))
        .distinct()
        .sorted(
            Comparator.comparing((ModelDescriptor model) -> model.id().name())
                .thenComparing(model -> model.id().version()))
        .forEach(state::descriptor);
    return state;
  }

  void unload(McpServerRequest request) {
    Message message = request.message();
    String name = message.modelName();
    String version = message.modelVersion();
    message.release();
    try {
      ModelId.checkName(name);
    } catch (McpException e) {
      request.fail(e);
      return;
    }
    ask(() -> unloadRequest(name, version), options.getLoadTimeoutMs())
        .onSuccess(answers -> request.reply(best(answers)));
  }

  /** MODEL_UPDATE that promotes, rolls back or activates. */
  void act(McpServerRequest request) {
    Message message = request.message();
    String name = message.modelName();
    String version = message.modelVersion();
    String action = message.parameters().get(UploadParameters.ACTION);
    message.release();
    try {
      ModelId.checkName(name);
    } catch (McpException e) {
      request.fail(e);
      return;
    }
    ask(() -> actRequest(name, version, action), options.getLoadTimeoutMs())
        .onSuccess(answers -> request.reply(best(answers)));
  }

  private static Message actRequest(String name, String versionOrNull, String action) {
    Message act =
        Message.of(MessageType.MODEL_UPDATE)
            .modelName(name)
            .parameter(UploadParameters.ACTION, action);
    return versionOrNull == null ? act : act.modelVersion(versionOrNull);
  }

  private static Message unloadRequest(String name, String versionOrNull) {
    Message unload = Message.of(MessageType.MODEL_UNLOAD_REQ).modelName(name);
    return versionOrNull == null ? unload : unload.modelVersion(versionOrNull);
  }

  /** One host that did it is enough; the others did not have the model. */
  private static Message best(List<Message> answers) {
    return answers.stream()
        .filter(answer -> answer.status() == ErrorCode.OK)
        .findFirst()
        .or(
            () ->
                answers.stream()
                    .filter(answer -> answer.status() != ErrorCode.MODEL_NOT_FOUND)
                    .findFirst())
        .or(() -> answers.stream().findFirst())
        .orElseGet(() -> Message.error(nobody()));
  }

  private static McpException nobody() {
    return McpException.streamError(
        ErrorCode.SERVICE_UNAVAILABLE, "no node that hosts models answers at this moment");
  }

  /** Asks all hosts; those that do not answer in time are left out. */
  private Future<List<Message>> ask(Supplier<Message> question, long timeoutMs) {
    List<Future<Message>> answers = new ArrayList<>();
    for (String host : catalog.hosts()) {
      DeliveryOptions delivery = MessageBus.delivery().setSendTimeout(timeoutMs);
      answers.add(
          bus.request(host, question.get(), delivery).map(io.vertx.core.eventbus.Message::body));
    }
    return Future.join(answers)
        .transform(
            done ->
                Future.succeededFuture(
                    answers.stream().filter(Future::succeeded).map(Future::result).toList()));
  }
}
