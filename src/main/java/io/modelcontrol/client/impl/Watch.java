package io.modelcontrol.client.impl;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.ModelDescriptor;
import io.modelcontrol.client.McpSubscription;
import io.modelcontrol.session.transport.McpStream;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageType;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.internal.ContextInternal;
import java.util.List;

/** STATE_SYNC as a subscription: the server pushes until one side has enough. Contract 3, List. */
final class Watch extends Exchange implements McpSubscription {
  private final ContextInternal caller;
  private final Handler<List<ModelDescriptor>> handler;
  private final Promise<McpSubscription> established;
  private Handler<Throwable> exceptionHandler;
  private McpException failure;
  private volatile boolean canceled;

  Watch(
      ClientConnection connection,
      ContextInternal caller,
      Handler<List<ModelDescriptor>> handler,
      Promise<McpSubscription> established) {
    super(connection, 0);
    this.caller = caller;
    this.handler = handler;
    this.established = established;
  }

  @Override
  void opened(McpStream stream) {
    stream.handler(this::onState);
    stream.endHandler(
        v ->
            fail(
                McpException.streamError(
                    ErrorCode.STREAM_CLOSED, "the server ended the subscription")));
    stream
        .end(Message.of(MessageType.STATE_SYNC).parameter("subscribe", "true"))
        .onFailure(error -> abandon(McpException.of(error)));
  }

  private void onState(Message message) {
    McpException error = message.toException();
    List<ModelDescriptor> models = List.copyOf(message.descriptors());
    message.release();
    if (error != null) {
      abandon(error);
      return;
    }
    caller.runOnContext(v -> tell(models));
    established.tryComplete(this);
  }

  private void tell(List<ModelDescriptor> models) {
    if (!canceled) {
      handler.handle(models);
    }
  }

  @Override
  void failed(McpException error) {
    failure = error;
    established.tryFail(error);
    tellFailure();
  }

  private void tellFailure() {
    Handler<Throwable> told = exceptionHandler;
    if (failure != null && told != null && !canceled) {
      exceptionHandler = null;
      caller.runOnContext(v -> told.handle(failure));
    }
  }

  @Override
  public McpSubscription exceptionHandler(Handler<Throwable> newHandler) {
    connection
        .context()
        .execute(
            v -> {
              exceptionHandler = newHandler;
              tellFailure();
            });
    return this;
  }

  @Override
  public Future<Void> cancel() {
    canceled = true;
    Promise<Void> done = connection.context().owner().getOrCreateContext().promise();
    connection
        .context()
        .execute(
            v -> {
              cancelNow();
              done.complete();
            });
    return done.future();
  }
}
