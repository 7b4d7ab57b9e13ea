package io.modelcontrol.runtime;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.ModelDescriptor;
import io.modelcontrol.ModelState;
import io.modelcontrol.model.ModelManifest;
import io.modelcontrol.wire.Message;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.ThreadingModel;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.MessageConsumer;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * One version of a model on this node: its workers, its queue, and the address where requests for
 * it arrive. Used on the host's context; the queue alone is shared with the workers.
 */
final class ServedModel {
  /** All models of a node share this pool. */
  private static final String WORKER_POOL = "mcp-runtime";

  /**
   * How long a kernel may run before Vert.x warns of a blocked worker: a model may take its time.
   */
  private static final long MAX_EXECUTE_MINUTES = 10;

  /** What a caller is told to wait when the queue is full. */
  private static final long RETRY_AFTER_MS = 100;

  private static final long EXPIRY_CHECK_MS = 10;

  private final Vertx vertx;
  private final ModelHostOptions options;
  private final SharedModel shared;
  private final ModelManifest.Entry entry;
  private final LongSupplier nanoClock;
  private final JobQueue queue;
  private final StreamingCalls streaming;
  private ModelDescriptor descriptor;
  private String deploymentId;
  private MessageConsumer<Message> consumer;
  private long expiryTimer = -1;
  private long unnamedCalls;
  private boolean draining;
  private Promise<Void> drained;

  ServedModel(
      Vertx vertx,
      ModelHostOptions options,
      SharedModel shared,
      ModelManifest.Entry entry,
      LongSupplier nanoClock) {
    this.vertx = vertx;
    this.options = options;
    this.shared = shared;
    this.entry = entry;
    this.nanoClock = nanoClock;
    this.queue = new JobQueue(options.getWorkersPerModel() * options.getMaxInFlightPerWorker());
    this.streaming =
        new StreamingCalls(vertx, queue, shared, options, nanoClock, this::deadlineNanos);
  }

  ModelManifest.Entry entry() {
    return entry;
  }

  /** Loads the model on its workers, and answers requests from then on. */
  Future<ModelDescriptor> start(String runtimeName) {
    DeploymentOptions deployment =
        new DeploymentOptions()
            .setThreadingModel(ThreadingModel.WORKER)
            .setWorkerPoolName(WORKER_POOL)
            .setWorkerPoolSize(options.getWorkerPoolSize())
            .setMaxWorkerExecuteTime(MAX_EXECUTE_MINUTES)
            .setMaxWorkerExecuteTimeUnit(TimeUnit.MINUTES)
            .setInstances(options.getWorkersPerModel());
    return vertx
        .deployVerticle(() -> new RuntimeWorker(shared, queue), deployment)
        .compose(
            id -> {
              deploymentId = id;
              descriptor = describe(runtimeName);
              return listen();
            })
        .map(v -> descriptor);
  }

  private ModelDescriptor describe(String runtimeName) {
    LoadedModel model = shared.acquire();
    try {
      return new ModelDescriptor(
          entry.id(),
          entry.digest(),
          model.inputs(),
          model.outputs(),
          shared.steps(),
          runtimeName,
          entry.parameters(),
          ModelState.READY);
    } finally {
      shared.release();
    }
  }

  /** Completed when the whole cluster can reach the address. */
  private Future<Void> listen() {
    String address = MessageBus.modelAddress(entry.id().name(), entry.id().version());
    consumer = vertx.eventBus().consumer(address, this::onRequest);
    return consumer.completion().compose(v -> streaming.listen());
  }

  /** A request for this version, or for the model whose active version it is. */
  void onRequest(io.vertx.core.eventbus.Message<Message> call) {
    try {
      take(call);
    } catch (McpException e) {
      call.body().release();
      call.reply(Message.error(e), MessageBus.delivery());
      return;
    }
    if (expiryTimer < 0) {
      expiryTimer = vertx.setPeriodic(EXPIRY_CHECK_MS, id -> checkExpiry());
    }
  }

  private void take(io.vertx.core.eventbus.Message<Message> call) {
    if (draining) {
      throw McpException.streamError(ErrorCode.MODEL_NOT_READY, "the model is being unloaded")
          .withRetryAfterMs(RETRY_AFTER_MS);
    }
    if (call.headers().contains(MessageBus.OPEN)) {
      streaming.open(call);
      return;
    }
    Message request = call.body();
    Job job =
        new InferJob(
            callId(call),
            request,
            deadlineNanos(request),
            answer -> call.reply(answer, MessageBus.delivery()));
    if (!queue.offer(job)) {
      throw McpException.streamError(
              ErrorCode.OVERLOADED,
              "model " + entry.id() + " has " + queue.inFlight() + " requests in flight")
          .withRetryAfterMs(RETRY_AFTER_MS);
    }
  }

  private long deadlineNanos(Message request) {
    long timeoutMs = request.timeoutMs() < 0 ? options.getDefaultTimeoutMs() : request.timeoutMs();
    return nanoClock.getAsLong() + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
  }

  private String callId(io.vertx.core.eventbus.Message<Message> call) {
    String given = call.headers().get(MessageBus.CALL_ID);
    return given == null ? "unnamed-" + ++unnamedCalls : given;
  }

  void cancel(String callId) {
    queue.cancel(callId);
  }

  private void checkExpiry() {
    long now = nanoClock.getAsLong();
    queue.expire(now);
    streaming.expire(now);
    if (queue.isEmpty()) {
      vertx.cancelTimer(expiryTimer);
      expiryTimer = -1;
      if (drained != null) {
        drained.tryComplete();
      }
    }
  }

  ModelDescriptor descriptor() {
    return draining ? descriptor.withState(ModelState.DRAINING) : descriptor;
  }

  /** Takes no new request, lets those in flight finish, and frees the workers. */
  Future<Void> stop() {
    draining = true;
    drained = Promise.promise();
    if (expiryTimer < 0) {
      drained.complete();
    }
    return consumer
        .unregister()
        .compose(v -> streaming.stop())
        .compose(v -> drained.future())
        .compose(v -> undeployWorkers());
  }

  /** When the whole host is undeployed, its workers went before it. */
  private Future<Void> undeployWorkers() {
    return vertx.deploymentIDs().contains(deploymentId)
        ? vertx.undeploy(deploymentId)
        : Future.succeededFuture();
  }
}
