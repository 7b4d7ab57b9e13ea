package io.modelcontrol.serving;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.runtime.MessageBus;
import io.modelcontrol.server.McpServerRequest;
import io.modelcontrol.session.transport.McpStream;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageType;
import io.vertx.core.Promise;

/**
 * One generation: tokens from the model's host to the stream, and demand the other way. The host
 * computes what the client's window and the stream's credit allow, and a little ahead of neither.
 * Contract 3, Generate. On the session's context.
 */
final class GenerateExchange implements OpenCalls.Listener {
  /** Parameter: results that may be unconfirmed. */
  private static final String WINDOW = "window";

  private static final int MAX_WINDOW = 65_536;

  /** Results that the host may make before the stream has taken those before. */
  private static final long AHEAD = 16;

  private final StreamingHandler handler;
  private final McpServerRequest request;
  private final McpStream stream;
  private final Promise<Void> ended = Promise.promise();
  private final boolean windowed;
  private long window;
  private long asked;
  private long received;
  private String callId;
  private String steps;
  private long timer = -1;
  private boolean done;

  /**
   * An exchange.
   *
   * @throws McpException INVALID_ARGUMENT if the window is none
   */
  GenerateExchange(StreamingHandler handler, McpServerRequest request) {
    this.handler = handler;
    this.request = request;
    this.stream = request.stream();
    String value = request.message().parameters().get(WINDOW);
    windowed = value != null;
    window = windowed ? window(value) : Long.MAX_VALUE;
  }

  private static long window(String value) {
    long window = value.matches("[0-9]{1,5}") ? Long.parseLong(value) : 0;
    if (window < 1 || window > MAX_WINDOW) {
      throw McpException.streamError(
          ErrorCode.INVALID_ARGUMENT,
          "parameter window is '"
              + (value.length() > 16 ? value.substring(0, 16) + "..." : value)
              + "', expected 1 to "
              + MAX_WINDOW);
    }
    return window;
  }

  void begin() {
    Message message = request.message();
    String model = message.modelName();
    String address = MessageBus.modelAddress(model, message.modelVersion());
    long timeoutMs = handler.timeoutMs(message);
    callId = handler.calls().add(this);
    asked = Math.min(window, AHEAD);
    stream.exceptionHandler(canceled -> cancel());
    stream.handler(this::onCredit);
    stream.drainHandler(v -> ask());
    request.occupy(ended.future());
    timer =
        handler
            .vertx()
            .setTimer(timeoutMs + StreamingHandler.REPLY_GRACE_MS, id -> fail(tooLate()));
    handler
        .bus()
        .request(
            address,
            message.timeoutMs(timeoutMs),
            handler
                .calls()
                .opening(callId, timeoutMs + StreamingHandler.REPLY_GRACE_MS)
                .addHeader(MessageBus.CREDIT, Long.toString(asked)))
        .onComplete(
            reply -> onOpened(reply.body(), reply.headers().get(MessageBus.STEPS)),
            failure -> fail(handler.named(model, failure)));
  }

  private static McpException tooLate() {
    return McpException.streamError(
        ErrorCode.DEADLINE_EXCEEDED, "the deadline passed while the model was generating");
  }

  private void onOpened(Message answer, String stepsAddress) {
    steps = stepsAddress;
    if (done) {
      answer.release();
      if (steps != null && ended.tryComplete()) {
        handler.calls().close(callId, steps);
      }
    } else if (answer.status().isError()) {
      finish();
      request.reply(answer);
    } else {
      answer.release();
      ask();
    }
  }

  @Override
  public void onEvent(Message event, boolean last) {
    if (done) {
      event.release();
    } else if (last) {
      finish();
      request.reply(event);
    } else if (event.chunkIndex() != received) {
      event.release();
      fail(
          McpException.streamError(
              ErrorCode.SERVICE_UNAVAILABLE, "a token was lost between two nodes"));
    } else {
      received++;
      stream.write(event);
      ask();
    }
  }

  /** Asks the host for as much as the client takes. */
  private void ask() {
    if (done || steps == null || stream.writeQueueFull()) {
      return;
    }
    long wanted = Math.min(window, received + AHEAD);
    // In halves of what is ahead, so that not every token costs a message; at the window at once.
    if (wanted - asked >= AHEAD / 2 || (wanted > asked && asked - received <= AHEAD / 2)) {
      handler.calls().credit(callId, steps, wanted - asked);
      asked = wanted;
    }
  }

  @Override
  public void renew() {
    if (!done && steps != null) {
      handler.calls().credit(callId, steps, 0);
    }
  }

  private void onCredit(Message message) {
    message.release();
    if (done) {
      return;
    }
    boolean credit =
        windowed
            && message.standardType() == MessageType.INFERENCE_STREAM
            && message.chunkIndex() >= 0
            && message.tensors().isEmpty()
            && message.modelName() == null;
    if (!credit) {
      fail(
          McpException.streamError(
              ErrorCode.INVALID_ARGUMENT,
              windowed
                  ? "expected INFERENCE_STREAM with a chunk index (0x23) alone, came " + message
                  : "a generation without the parameter window takes no further message"));
      return;
    }
    window = Math.max(window, message.chunkIndex());
    ask();
  }

  private void fail(McpException error) {
    if (!done) {
      cancel();
      request.fail(error);
    }
  }

  /** Nobody wants the rest. */
  private void cancel() {
    if (!done) {
      finish();
      handler.calls().close(callId, steps);
    }
  }

  private void finish() {
    done = true;
    handler.vertx().cancelTimer(timer);
    handler.calls().remove(callId);
    stream.handler(Message::release);
    ended.tryComplete();
  }
}
