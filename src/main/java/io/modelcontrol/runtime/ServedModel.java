package io.modelcontrol.runtime;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.ModelDescriptor;
import io.modelcontrol.ModelState;
import io.modelcontrol.model.ModelManifest;
import io.modelcontrol.telemetry.Telemetry;
import io.modelcontrol.wire.Message;
import io.netty.channel.EventLoop;
import io.vertx.core.Context;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.ThreadingModel;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.internal.ContextInternal;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * One version of a model on this node: its workers, its queue, and the address where requests for
 * it arrive. Used on the host's context; {@link #takeDirectly} and {@link #cancel} on any thread,
 * as the queue is shared.
 */
final class ServedModel {
  /** All models that run within the node share this pool. */
  private static final String WORKER_POOL = "mcp-runtime";

  /**
   * How long a kernel may run before Vert.x warns of a blocked worker: a model may take its time.
   */
  private static final long MAX_EXECUTE_MINUTES = 10;

  /** What a caller is told to wait when the queue is full. */
  private static final long RETRY_AFTER_MS = 100;

  private static final long EXPIRY_CHECK_MS = 10;

  private static final String UNLOADED = "the model is being unloaded";

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
  private final Context context;
  private final LocalModels local;
  private final Telemetry telemetry;

  /** Whether deadlines are looked after: from the first job until there is none. */
  private final AtomicBoolean expiring = new AtomicBoolean();

  private final AtomicLong unnamedCalls = new AtomicLong();
  private volatile boolean draining;
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
    this.context = vertx.getOrCreateContext();
    this.local = LocalModels.of(vertx);
    this.telemetry = Telemetry.of(vertx);
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
            .setWorkerPoolName(shared.isRemote() ? WORKER_POOL + "-" + entry.id() : WORKER_POOL)
            .setWorkerPoolSize(
                shared.isRemote() ? options.getWorkersPerModel() : options.getWorkerPoolSize())
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
    consumer = vertx.eventBus().consumer(address(), this::onRequest);
    local.add(address(), this);
    return consumer.completion().compose(v -> streaming.listen());
  }

  private String address() {
    return MessageBus.modelAddress(entry.id().name(), entry.id().version());
  }

  /** A request for this version, or for the model whose active version it is. */
  void onRequest(io.vertx.core.eventbus.Message<Message> call) {
    if (call.headers().contains(MessageBus.OPEN)) {
      open(call);
    } else {
      take(call, null);
    }
  }

  /**
   * As {@link #onRequest}, but on the sender's thread.
   *
   * @return false if the call has to come by its own way: it opens a sequence or a generation
   */
  boolean takeDirectly(io.vertx.core.eventbus.Message<Message> call) {
    if (call.headers().contains(MessageBus.OPEN)) {
      return false;
    }
    ContextInternal caller = ContextInternal.current();
    take(call, caller != null && caller.isEventLoopContext() ? caller.nettyEventLoop() : null);
    return true;
  }

  private void open(io.vertx.core.eventbus.Message<Message> call) {
    try {
      requireServing();
      streaming.open(call);
      watchDeadlines();
    } catch (McpException e) {
      refuse(call, e);
    }
  }

  /** Takes a single request in, on any thread. */
  private void take(io.vertx.core.eventbus.Message<Message> call, EventLoop callerOrNull) {
    Message request = call.body();
    InferJob job =
        new InferJob(
            callId(call),
            entry.id(),
            request,
            deadlineNanos(request),
            callerOrNull,
            telemetry,
            answer -> call.reply(answer, MessageBus.delivery()));
    try {
      requireServing();
      offer(job);
    } catch (McpException e) {
      job.refused(e);
      refuse(call, e);
      return;
    }
    watchDeadlines();
    if (draining) {
      // It came while the model was being unloaded: nobody waits for it to finish.
      queue.end(job, ErrorCode.MODEL_NOT_READY, UNLOADED);
    }
  }

  private static void refuse(io.vertx.core.eventbus.Message<Message> call, McpException why) {
    call.body().release();
    call.reply(Message.error(why), MessageBus.delivery());
  }

  private void requireServing() {
    if (draining) {
      throw McpException.streamError(ErrorCode.MODEL_NOT_READY, UNLOADED)
          .withRetryAfterMs(RETRY_AFTER_MS);
    }
  }

  private void offer(Job job) {
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
    return given == null ? "unnamed-" + unnamedCalls.incrementAndGet() : given;
  }

  void cancel(String callId) {
    queue.cancel(callId);
  }

  private void watchDeadlines() {
    if (!expiring.get() && expiring.compareAndSet(false, true)) {
      context.runOnContext(v -> vertx.setPeriodic(EXPIRY_CHECK_MS, this::checkExpiry));
    }
  }

  private void checkExpiry(long timer) {
    long now = nanoClock.getAsLong();
    queue.expire(now);
    streaming.expire(now);
    if (queue.isEmpty()) {
      vertx.cancelTimer(timer);
      expiring.set(false);
      if (!queue.isEmpty()) {
        // One came after the look, and may have found that its deadline was looked after.
        watchDeadlines();
      } else if (drained != null) {
        drained.tryComplete();
      }
    }
  }

  ModelDescriptor descriptor() {
    return descriptor.withState(draining ? ModelState.DRAINING : shared.state());
  }

  /** Takes no new request, lets those in flight finish, and frees the workers. */
  Future<Void> stop() {
    draining = true;
    drained = Promise.promise();
    local.remove(address(), this);
    if (!expiring.get()) {
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
