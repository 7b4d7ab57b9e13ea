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
        handler.vertx().setTimer(timeoutMs + StreamingHandler.REPLY_GRACE_MS, id -> onSilence());
    handler
        .bus()
        .request(
            address,
            message.timeoutMs(timeoutMs),
            InferenceHandler.named(
                handler
                    .calls()
                    .opening(callId, timeoutMs + StreamingHandler.REPLY_GRACE_MS)
                    .addHeader(MessageBus.CREDIT, Long.toString(asked)),
                request.session().identity()))
        .onComplete(
            reply -> onOpened(reply.body(), reply.headers().get(MessageBus.STEPS)),
            failure -> onNotOpened(handler.named(model, failure)));
  }

  private void onNotOpened(McpException error) {
    fail(error);
    hostIsDone();
  }

  /** The host ends the call at its deadline: it is not there any more. */
  private void onSilence() {
    fail(tooLate());
    hostIsDone();
  }

  private static McpException tooLate() {
    return McpException.streamError(
        ErrorCode.DEADLINE_EXCEEDED, "the deadline passed while the model was generating");
  }

  private void onOpened(Message answer, String stepsAddress) {
    steps = stepsAddress;
    if (answer.status().isError()) {
      end(answer);
      return;
    }
    answer.release();
    if (done) {
      handler.calls().close(callId, steps);
    } else {
      ask();
    }
  }

  @Override
  public void onEvent(Message event, boolean last) {
    if (last) {
      end(event);
    } else if (done) {
      event.release();
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

  /** The host is done: its last event goes to the client, if that still waits for it. */
  private void end(Message last) {
    boolean wanted = !done;
    stop();
    hostIsDone();
    if (wanted) {
      request.reply(last);
    } else {
      last.release();
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

  /** Nobody wants the rest: the place on the session is free when the host has stopped. */
  private void cancel() {
    if (!done) {
      stop();
      handler.calls().close(callId, steps);
    }
  }

  private void stop() {
    done = true;
    stream.handler(Message::release);
  }

  private void hostIsDone() {
    handler.vertx().cancelTimer(timer);
    handler.calls().remove(callId);
    ended.tryComplete();
  }
}
