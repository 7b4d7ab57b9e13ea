package io.modelcontrol.client.impl;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.ModelDescriptor;
import io.modelcontrol.ModelId;
import io.modelcontrol.client.McpClientOptions;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageType;
import io.modelcontrol.wire.UploadParameters;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.internal.ContextInternal;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** The client's side of loads and updates. */
final class ModelCalls {
  private final ContextInternal context;
  private final McpClientOptions options;
  private final RetryPolicy retryPolicy;
  private final BiConsumer<Consumer<ClientConnection>, Consumer<McpException>> connections;

  /**
   * @param context of the client
   * @param connections runs something with the current connection, or tells why there is none
   */
  ModelCalls(
      ContextInternal context,
      McpClientOptions options,
      RetryPolicy retryPolicy,
      BiConsumer<Consumer<ClientConnection>, Consumer<McpException>> connections) {
    this.context = context;
    this.options = options;
    this.retryPolicy = retryPolicy;
    this.connections = connections;
  }

  /** Loads a model, or updates to it. */
  Future<ModelDescriptor> push(Push push) {
    ContextInternal caller = context.owner().getOrCreateContext();
    Promise<ModelDescriptor> done = caller.promise();
    context
        .executeBlocking(() -> ContentSource.open(push.upload()), false)
        .onSuccess(source -> push(push, source, caller, done))
        .onFailure(done::fail);
    return done.future();
  }

  private void push(
      Push push, ContentSource source, ContextInternal caller, Promise<ModelDescriptor> told) {
    Promise<ModelDescriptor> done = context.promise();
    done.future().onComplete(told);
    done.future().onComplete(result -> close(source));
    context.execute(
        v ->
            new RetryingLoad(
                    context,
                    connections,
                    retryPolicy,
                    options.getLoadTimeoutMs(),
                    push,
                    source,
                    caller,
                    done)
                .start());
  }

  /** Asks for something that needs no content. */
  Future<ModelDescriptor> act(String name, String versionOrNull, String action) {
    Message act =
        Message.of(MessageType.MODEL_UPDATE)
            .modelName(ModelId.checkName(name))
            .parameter(UploadParameters.ACTION, action);
    Promise<Message> answer = context.owner().getOrCreateContext().promise();
    connections.accept(
        connection ->
            new Request(
                    connection,
                    options.getLoadTimeoutMs(),
                    versionOrNull == null ? act : act.modelVersion(versionOrNull),
                    answer)
                .start(),
        answer::fail);
    return answer.future().compose(ModelCalls::active);
  }

  private static Future<ModelDescriptor> active(Message status) {
    return status.descriptors().isEmpty()
        ? Future.failedFuture(
            McpException.streamError(
                ErrorCode.PROTOCOL_ERROR, "the server told no descriptor of the model"))
        : Future.succeededFuture(status.descriptors().get(0));
  }

  private void close(ContentSource source) {
    context.executeBlocking(
        () -> {
          source.close();
          return null;
        },
        false);
  }
}
