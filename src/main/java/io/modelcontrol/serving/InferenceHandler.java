package io.modelcontrol.serving;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.ModelId;
import io.modelcontrol.Tensor;
import io.modelcontrol.auth.AllowAnonymous;
import io.modelcontrol.runtime.MessageBus;
import io.modelcontrol.runtime.ModelCatalog;
import io.modelcontrol.server.McpServerRequest;
import io.modelcontrol.wire.Message;
import io.vertx.core.Context;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * INFERENCE_REQ: hands the request to a worker of its model, and the answer back; a request that
 * comes again under its id is not executed again. Contract 3, Infer. Shared by all sessions of a
 * server; each call is handled on the context of its session.
 */
final class InferenceHandler {
  /** The worker answers at the deadline; the bus waits this much longer for it. */
  private static final long REPLY_GRACE_MS = 250;

  private static final long RETRY_AFTER_MS = 500;

  /** What all identities together may have recorded, as a multiple of what one may. */
  private static final long FULL_IDENTITIES = 4;

  private final MessageBus bus;
  private final ModelCatalog catalog;
  private final ServingOptions options;
  private final LongSupplier nanoClock;
  private final IdempotencyLedger<Message> ledger;
  private final ThreadLocal<Fingerprint> fingerprints = ThreadLocal.withInitial(Fingerprint::new);
  private final String runPrefix = UUID.randomUUID() + "-";
  private final AtomicLong runs = new AtomicLong();

  InferenceHandler(
      MessageBus bus, ModelCatalog catalog, ServingOptions options, LongSupplier nanoClock) {
    this.bus = bus;
    this.catalog = catalog;
    this.options = options;
    this.nanoClock = nanoClock;
    this.ledger = new IdempotencyLedger<>(bounds(options), new Answers());
  }

  private static IdempotencyLedger.Bounds bounds(ServingOptions options) {
    return new IdempotencyLedger.Bounds(
        TimeUnit.MILLISECONDS.toNanos(options.getIdempotencyWindowMs()),
        options.getIdempotencyRecords(),
        options.getIdempotencyBytes(),
        FULL_IDENTITIES * options.getIdempotencyRecords(),
        FULL_IDENTITIES * options.getIdempotencyBytes());
  }

  void handle(McpServerRequest request) {
    long arrivedNanos = nanoClock.getAsLong();
    Message message = request.message();
    try {
      message.validate();
      ModelId.checkName(message.modelName());
    } catch (McpException e) {
      message.release();
      request.fail(e);
      return;
    }
    long deadline = arrivedNanos + TimeUnit.MILLISECONDS.toNanos(timeoutMs(message));
    InferenceCall call = new InferenceCall(this, request, currentContext(), deadline);
    if (message.requestId() == null) {
      run(call, message, false);
    } else {
      claim(call, message);
    }
  }

  long timeoutMs(Message message) {
    long asked = message.timeoutMs() < 0 ? options.getTimeoutMs() : message.timeoutMs();
    return Math.max(1, Math.min(asked, options.getMaxTimeoutMs()));
  }

  private void claim(InferenceCall call, Message message) {
    LedgerEntry<Message> entry =
        new LedgerEntry<>(message.requestId(), fingerprints.get().of(message));
    String identity = call.request().session().identity();
    IdempotencyLedger.Claim claim = ledger.claim(identity, entry, call, nanoClock.getAsLong());
    switch (claim) {
      case RUN -> run(call, message, true);
      case ATTACHED -> await(call, message);
      case ANSWERED -> message.release();
      case CONFLICT -> refuse(call, message, conflict());
      case FULL -> refuse(call, message, full());
    }
  }

  /** Waits for the run of an earlier request of the same id. */
  private void await(InferenceCall call, Message message) {
    message.release();
    call.request().stream().exceptionHandler(canceled -> ledger.leave(call));
    call.waitAtMost(call.remainingMs(nanoClock.getAsLong()));
  }

  void onDeadline(InferenceCall call) {
    if (ledger.leave(call)) {
      call.deadlinePassed();
    }
  }

  private static void refuse(InferenceCall call, Message message, McpException error) {
    message.release();
    call.request().fail(error);
  }

  /** What is left of the time goes with the message: each hop takes what it has used. */
  private void run(InferenceCall call, Message message, boolean inLedger) {
    String model = message.modelName();
    String address = MessageBus.modelAddress(model, message.modelVersion());
    String run = runPrefix + runs.incrementAndGet();
    call.runs(run);
    long leftMs = call.remainingMs(nanoClock.getAsLong());
    DeliveryOptions delivery =
        MessageBus.delivery()
            .addHeader(MessageBus.CALL_ID, run)
            .setSendTimeout(leftMs + REPLY_GRACE_MS);
    named(delivery, call.request().session().identity());
    call.request().stream()
        .exceptionHandler(
            canceled -> {
              if (inLedger) {
                ledger.leave(call);
              } else {
                cancel(run);
              }
            });
    Promise<Void> ended = Promise.promise();
    call.request().occupy(ended.future());
    bus.request(address, message.timeoutMs(leftMs), delivery)
        .onComplete(answer -> ended.complete())
        .onComplete(
            reply -> onAnswer(call, reply.body(), inLedger),
            failure -> onFailure(call, named(model, failure), inLedger));
  }

  /** Says who asks, where that is known: an update may be tried on some identities first. */
  static DeliveryOptions named(DeliveryOptions delivery, String identity) {
    return AllowAnonymous.ANONYMOUS.equals(identity)
        ? delivery
        : delivery.addHeader(MessageBus.IDENTITY, identity);
  }

  /** Errors are told and forgotten; answers are recorded, where the request has a key. */
  private void onAnswer(InferenceCall call, Message answer, boolean inLedger) {
    McpException error = answer.toException();
    if (error != null) {
      answer.release();
      onFailure(call, error, inLedger);
    } else if (inLedger) {
      ledger.complete(call, answer, nanoClock.getAsLong());
    } else {
      call.answered(answer);
    }
  }

  private void onFailure(InferenceCall call, McpException error, boolean inLedger) {
    if (inLedger) {
      ledger.fail(call, error);
    } else {
      call.failed(error);
    }
  }

  void cancel(String run) {
    bus.eventBus().publish(MessageBus.CANCEL, run);
  }

  Context currentContext() {
    return Vertx.currentContext();
  }

  /** Gives up the answers whose time has passed. */
  void evictOverdue() {
    ledger.evictOverdue(nanoClock.getAsLong());
  }

  void close() {
    ledger.close();
  }

  private static McpException conflict() {
    return McpException.streamError(
        ErrorCode.IDEMPOTENCY_CONFLICT,
        "request id (field 0x01) was used before with another payload");
  }

  private McpException full() {
    return McpException.streamError(
            ErrorCode.OVERLOADED,
            "as many requests with an id run as are recorded, at most "
                + options.getIdempotencyRecords()
                + " for an identity")
        .withRetryAfterMs(RETRY_AFTER_MS);
  }

  /** Tells a model that nobody knows from one whose node is away. */
  McpException named(String model, Throwable failure) {
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

  private static final class Answers implements IdempotencyLedger.Answers<Message> {
    /** An answer is small up to here. */
    private static final int COPIED_BYTES = 64 * 1024;

    @Override
    public void retain(Message answer) {
      answer.retain();
    }

    @Override
    public void release(Message answer) {
      answer.release();
    }

    /**
     * A copy of one that is small, in memory of the garbage collector. By reference it would hold
     * for as long as it is recorded the chunk of memory that it is a small part of, and what the
     * allocator had for the worker's thread, which may have ended with its model.
     */
    @Override
    public Message keep(Message answer) {
      if (bytes(answer) > COPIED_BYTES || answer.content() != null) {
        return answer.retain();
      }
      Message copy = Message.of(answer.standardType());
      answer.parameters().forEach(copy::parameter);
      answer.tensors().forEach(tensor -> copy.tensor(tensor.retain().toHeap()));
      return copy;
    }

    @Override
    public long bytes(Message answer) {
      long bytes = 0;
      for (Tensor tensor : answer.tensors()) {
        bytes += tensor.byteLength();
      }
      return bytes;
    }
  }
}
