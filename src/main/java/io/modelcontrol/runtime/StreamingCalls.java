package io.modelcontrol.runtime;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.telemetry.Telemetry;
import io.modelcontrol.wire.Message;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.eventbus.MessageProducer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;

/**
 * The sequences and generations that are open on one model, bounded: each holds a state. Has an
 * address of its own, where their steps and credit arrive, on whichever node the model's other
 * requests are answered. On the host's context.
 */
final class StreamingCalls {
  private static final long RETRY_AFTER_MS = 1_000;

  private final Vertx vertx;
  private final JobQueue queue;
  private final SharedModel shared;
  private final int maxOpen;
  private final long idleNanos;
  private final LongSupplier nanoClock;
  private final ToLongFunction<Message> deadline;
  private final Telemetry telemetry;
  private final String address = MessageBus.HOSTS + ".steps." + UUID.randomUUID();
  private final Map<String, StreamingJob> open = new HashMap<>();
  private MessageConsumer<Message> consumer;

  /**
   * The calls of a model.
   *
   * @param deadline of a request that comes now, on the clock
   */
  StreamingCalls(
      Vertx vertx,
      JobQueue queue,
      SharedModel shared,
      ModelHostOptions options,
      LongSupplier nanoClock,
      ToLongFunction<Message> deadline) {
    this.vertx = vertx;
    this.queue = queue;
    this.shared = shared;
    this.nanoClock = nanoClock;
    this.deadline = deadline;
    this.telemetry = Telemetry.of(vertx);
    maxOpen = options.getMaxSequencesPerModel();
    idleNanos = TimeUnit.MILLISECONDS.toNanos(options.getSequenceIdleMs());
  }

  Future<Void> listen() {
    consumer = vertx.eventBus().consumer(address, this::onCall);
    return consumer.completion();
  }

  /**
   * Opens a call: a generation, or a sequence with its first step.
   *
   * @throws McpException OVERLOADED, INVALID_ARGUMENT or INVALID_TENSOR; the request stays the
   *     caller's then
   */
  void open(io.vertx.core.eventbus.Message<Message> call) {
    String callId = call.headers().get(MessageBus.CALL_ID);
    if (callId == null) {
      throw McpException.streamError(ErrorCode.INVALID_ARGUMENT, "the call has no id");
    }
    if (open.size() >= maxOpen) {
      forgetEnded();
    }
    if (open.size() >= maxOpen) {
      throw McpException.streamError(
              ErrorCode.OVERLOADED,
              "model " + shared.id() + " has " + open.size() + " sequences open")
          .withRetryAfterMs(RETRY_AFTER_MS);
    }
    boolean generates = "generate".equals(call.body().parameters().get("mode"));
    StreamingJob job = generates ? openGeneration(callId, call) : openSequence(callId, call);
    job.heard(nanoClock.getAsLong());
    open.put(callId, job);
    if (job instanceof SequenceJob sequence) {
      queue.offer(sequence);
      step(sequence, call);
    } else {
      call.body().release();
      call.reply(Message.status(ErrorCode.OK, ""), stepsDelivery());
      queue.offer(job);
    }
  }

  private SequenceJob openSequence(String callId, io.vertx.core.eventbus.Message<Message> call) {
    MessageProducer<Message> events = events(call, callId, true);
    return new SequenceJob(callId, shared.stepPlan(), activity(call), events::write);
  }

  private GenerateJob openGeneration(String callId, io.vertx.core.eventbus.Message<Message> call) {
    Message request = call.body();
    GenerateSpec spec =
        shared
            .stateSpec()
            .generate()
            .orElseThrow(
                () ->
                    StateSpec.invalid(
                        "mode",
                        "is 'generate', which model " + shared.id() + " was not loaded for"));
    Generation generation =
        new Generation(
            spec,
            GenerateOptions.of(request.parameters()),
            Generation.prompt(spec, request.tensors()));
    MessageProducer<Message> events = events(call, callId, false);
    MessageProducer<Message> lastEvents = events(call, callId, true);
    return new GenerateJob(
        callId,
        activity(call),
        generation,
        deadline.applyAsLong(request),
        credit(call),
        token -> events.write(token).onFailure(gone -> queue.cancel(callId)),
        lastEvents::write);
  }

  private CallActivity activity(io.vertx.core.eventbus.Message<Message> call) {
    return new CallActivity(telemetry, shared.id(), call.body());
  }

  private MessageProducer<Message> events(
      io.vertx.core.eventbus.Message<Message> call, String callId, boolean last) {
    DeliveryOptions delivery = MessageBus.delivery().addHeader(MessageBus.CALL_ID, callId);
    return vertx
        .eventBus()
        .sender(
            call.headers().get(MessageBus.OPEN),
            last ? delivery.addHeader(MessageBus.LAST, "true") : delivery);
  }

  private DeliveryOptions stepsDelivery() {
    return MessageBus.delivery().addHeader(MessageBus.STEPS, address);
  }

  private void onCall(io.vertx.core.eventbus.Message<Message> call) {
    StreamingJob job = open.get(call.headers().get(MessageBus.CALL_ID));
    if (job != null) {
      job.heard(nanoClock.getAsLong());
    }
    if (call.headers().contains(MessageBus.CLOSE)) {
      call.body().release();
      if (job != null) {
        queue.end(job, ErrorCode.REQUEST_CANCELED, "the sequence was ended");
      }
    } else if (call.headers().contains(MessageBus.CREDIT)) {
      call.body().release();
      if (job instanceof GenerateJob generation) {
        generation.credit(credit(call));
        queue.wake(generation);
      }
    } else if (job instanceof SequenceJob sequence) {
      step(sequence, call);
    } else {
      refuse(
          call,
          McpException.streamError(
              ErrorCode.IDLE_TIMEOUT, "the sequence has ended: its state is gone"));
    }
  }

  private void step(SequenceJob sequence, io.vertx.core.eventbus.Message<Message> call) {
    Message request = call.body();
    Consumer<Message> reply = answer -> call.reply(answer, stepsDelivery());
    if (sequence.offer(request, deadline.applyAsLong(request), reply)) {
      queue.wake(sequence);
      sequence.refuseIfEnded();
    } else {
      refuse(
          call,
          McpException.streamError(ErrorCode.OVERLOADED, "too many steps of the sequence wait"));
    }
  }

  private static void refuse(io.vertx.core.eventbus.Message<Message> call, McpException error) {
    call.body().release();
    call.reply(Message.error(error), MessageBus.delivery());
  }

  private static long credit(io.vertx.core.eventbus.Message<Message> call) {
    String credit = call.headers().get(MessageBus.CREDIT);
    return credit == null ? 0 : Long.parseLong(credit);
  }

  /** Ends those whose caller is silent, and forgets those that have ended. */
  void expire(long nowNanos) {
    for (StreamingJob job : open.values()) {
      if (job.isIdle(nowNanos, idleNanos)) {
        queue.end(
            job,
            ErrorCode.IDLE_TIMEOUT,
            "the sequence was idle for " + TimeUnit.NANOSECONDS.toMillis(idleNanos) + " ms");
      }
    }
    forgetEnded();
  }

  private void forgetEnded() {
    open.values().removeIf(Job::isEnded);
  }

  /** All that is open ends. */
  void endAll() {
    for (StreamingJob job : List.copyOf(open.values())) {
      queue.end(job, ErrorCode.MODEL_NOT_READY, "the model is being unloaded");
    }
  }

  /** Hears nothing more; called when nothing is open. */
  Future<Void> close() {
    return consumer.unregister();
  }
}
