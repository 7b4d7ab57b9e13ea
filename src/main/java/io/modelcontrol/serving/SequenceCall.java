package io.modelcontrol.serving;

import io.modelcontrol.McpException;
import io.modelcontrol.runtime.MessageBus;
import io.modelcontrol.wire.Message;
import io.vertx.core.Future;
import io.vertx.core.eventbus.DeliveryOptions;
import java.util.function.Consumer;

/**
 * One sequence as the session's node sees it: where its state is, and who uses it. On the session's
 * context.
 */
final class SequenceCall implements OpenCalls.Listener {
  private final StreamingHandler handler;
  private final String identity;
  private final String model;
  private final String address;
  private final String callId;
  private String steps;
  private Consumer<McpException> user;
  private McpException ended;

  /**
   * @param identity who asks
   */
  SequenceCall(StreamingHandler handler, Message first, String identity) {
    this.handler = handler;
    this.identity = identity;
    model = first.modelName();
    address = MessageBus.modelAddress(model, first.modelVersion());
    callId = handler.calls().add(this);
  }

  /** Takes the sequence for one stream; false if another one has it. */
  boolean take(Consumer<McpException> onEnded) {
    if (user != null) {
      return false;
    }
    user = onEnded;
    return true;
  }

  /** Gives it back. */
  void leave() {
    user = null;
  }

  /** Why the sequence has ended; {@code null} while it goes on. */
  McpException endedOrNull() {
    return ended;
  }

  /** Executes a step and takes it over; the answer may be a STATUS, which ends the sequence. */
  Future<Message> step(Message step) {
    long timeoutMs = handler.timeoutMs(step);
    long sendTimeoutMs = timeoutMs + StreamingHandler.REPLY_GRACE_MS;
    DeliveryOptions delivery =
        steps == null
            ? InferenceHandler.named(handler.calls().opening(callId, sendTimeoutMs), identity)
            : handler.calls().going(callId).setSendTimeout(sendTimeoutMs);
    return handler
        .bus()
        .request(steps == null ? address : steps, step.timeoutMs(timeoutMs), delivery)
        .map(
            reply -> {
              String told = reply.headers().get(MessageBus.STEPS);
              steps = told == null ? steps : told;
              return reply.body();
            })
        .recover(failure -> Future.failedFuture(handler.named(model, failure)));
  }

  @Override
  public void onEvent(Message event, boolean last) {
    McpException error = event.toException();
    event.release();
    if (last && error != null) {
      ended = error;
      handler.calls().remove(callId);
      if (user != null) {
        user.accept(error);
      }
    }
  }

  /** A sequence lives by its steps. */
  @Override
  public void renew() {}

  /** Drops the state on its host. */
  void close() {
    handler.calls().remove(callId);
    handler.calls().close(callId, steps);
  }

  /** The host has dropped it already. */
  void forget() {
    handler.calls().remove(callId);
  }
}
