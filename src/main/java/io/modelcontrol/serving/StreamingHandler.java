package io.modelcontrol.serving;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.ModelId;
import io.modelcontrol.runtime.MessageBus;
import io.modelcontrol.server.McpServerRequest;
import io.modelcontrol.wire.Message;
import io.vertx.core.Vertx;

/** Sequences and generations: what goes on over several messages. Contract 3. */
final class StreamingHandler {
  /** The host answers at the deadline; the bus waits this much longer for it. */
  static final long REPLY_GRACE_MS = 250;

  private final Vertx vertx;
  private final MessageBus bus;
  private final InferenceHandler inference;
  private final OpenCalls calls;
  private final SequenceTable sequences = new SequenceTable(this);

  StreamingHandler(Vertx vertx, MessageBus bus, InferenceHandler inference) {
    this.vertx = vertx;
    this.bus = bus;
    this.inference = inference;
    this.calls = new OpenCalls(vertx, bus);
  }

  void start() {
    calls.start();
  }

  void stop() {
    calls.stop();
  }

  /** A stream of steps that share a state. */
  void sequence(McpServerRequest request) {
    if (isAccepted(request)) {
      begin(request, () -> new SequenceExchange(this, request, false).begin());
    }
  }

  /** One step of a sequence that has an id. */
  void step(McpServerRequest request) {
    if (isAccepted(request)) {
      begin(request, () -> new SequenceExchange(this, request, true).begin());
    }
  }

  /** A prompt that is answered token by token. */
  void generate(McpServerRequest request) {
    if (isAccepted(request)) {
      begin(request, () -> new GenerateExchange(this, request).begin());
    }
  }

  private static boolean isAccepted(McpServerRequest request) {
    Message message = request.message();
    try {
      message.validate();
      if (message.modelName() == null) {
        throw McpException.streamError(
            ErrorCode.INVALID_ARGUMENT,
            "the first message of a stream needs the field model name (0x10)");
      }
      ModelId.checkName(message.modelName());
      return true;
    } catch (McpException e) {
      refuse(request, e);
      return false;
    }
  }

  private static void begin(McpServerRequest request, Runnable exchange) {
    try {
      exchange.run();
    } catch (McpException e) {
      refuse(request, e);
    }
  }

  private static void refuse(McpServerRequest request, McpException error) {
    request.message().release();
    request.fail(error);
  }

  Vertx vertx() {
    return vertx;
  }

  MessageBus bus() {
    return bus;
  }

  OpenCalls calls() {
    return calls;
  }

  SequenceTable sequences() {
    return sequences;
  }

  long timeoutMs(Message message) {
    return inference.timeoutMs(message);
  }

  McpException named(String model, Throwable failure) {
    return inference.named(model, failure);
  }
}
