package io.modelcontrol.serving;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.ModelId;
import io.modelcontrol.runtime.MessageBus;
import io.modelcontrol.runtime.ModelCatalog;
import io.modelcontrol.server.McpServerRequest;
import io.modelcontrol.wire.Message;
import io.vertx.core.Promise;
import io.vertx.core.eventbus.DeliveryOptions;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

/**
 * INFERENCE_REQ: hands the request to a worker of its model, and the answer back. Contract 3,
 * Infer.
 */
final class InferenceHandler {
  /** The worker answers at the deadline; the bus waits this much longer for it. */
  private static final long REPLY_GRACE_MS = 250;

  private static final long RETRY_AFTER_MS = 500;

  private final MessageBus bus;
  private final ModelCatalog catalog;
  private final ServingOptions options;
  private final String callPrefix = UUID.randomUUID() + "-";
  private final AtomicLong calls = new AtomicLong();

  InferenceHandler(MessageBus bus, ModelCatalog catalog, ServingOptions options) {
    this.bus = bus;
    this.catalog = catalog;
    this.options = options;
  }

  void handle(McpServerRequest request) {
    Message message = request.message();
    try {
      message.validate();
      ModelId.checkName(message.modelName());
    } catch (McpException e) {
      message.release();
      request.fail(e);
      return;
    }
    String model = message.modelName();
    String address = MessageBus.modelAddress(model, message.modelVersion());
    long timeoutMs = timeoutMs(message);
    String call = callPrefix + calls.incrementAndGet();
    DeliveryOptions delivery =
        MessageBus.delivery()
            .addHeader(MessageBus.CALL_ID, call)
            .setSendTimeout(timeoutMs + REPLY_GRACE_MS);
    request.stream().exceptionHandler(canceled -> bus.eventBus().publish(MessageBus.CANCEL, call));
    Promise<Void> ended = Promise.promise();
    request.occupy(ended.future());
    bus.request(address, message.timeoutMs(timeoutMs), delivery)
        .onComplete(answer -> ended.complete())
        .onComplete(
            reply -> request.reply(reply.body()), failure -> request.fail(named(model, failure)));
  }

  private long timeoutMs(Message message) {
    long asked = message.timeoutMs() < 0 ? options.getTimeoutMs() : message.timeoutMs();
    return Math.max(1, Math.min(asked, options.getMaxTimeoutMs()));
  }

  /** Tells a model that nobody knows from one whose node is away. */
  private McpException named(String model, Throwable failure) {
    McpException typed = McpException.of(failure);
    if (typed.code() != ErrorCode.SERVICE_UNAVAILABLE) {
      return typed;
    }
    if (!catalog.hosts().isEmpty() && !catalog.wasServed(model)) {
      return McpException.streamError(
          ErrorCode.MODEL_NOT_FOUND, "no model '" + model + "' is loaded, or not in that version");
    }
    return McpException.streamError(
            ErrorCode.SERVICE_UNAVAILABLE, "no node serves model '" + model + "' at this moment")
        .withRetryAfterMs(RETRY_AFTER_MS);
  }
}
