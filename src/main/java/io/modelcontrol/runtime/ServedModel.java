package io.modelcontrol.runtime;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.ModelDescriptor;
import io.modelcontrol.ModelId;
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
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * One version of a model on this node: its workers, its queue, and the address where requests for
 * it arrive. Used on the host's context; {@link #takeDirectly} and {@link #cancel} on any thread,
 * as the queue is shared.
 */
final class ServedModel implements LocalModels.Taker {
  /** All models that run within the node share this pool. */
  private static final String WORKER_POOL = "mcp-runtime";

  /**
   * How long a kernel may run before Vert.x warns of a blocked worker: a model may take its time.
   */
  private static final long MAX_EXECUTE_MINUTES = 10;

  /** What a caller is told to wait when the queue is full. */
  private static final long RETRY_AFTER_MS = 100;

  private static final long EXPIRY_CHECK_MS = 10;

  private static final long NO_TIMER = -1;

  private final Vertx vertx;
  private final ModelHostOptions options;
  private final SharedModel shared;
  private final ModelManifest.Entry entry;
  private final LongSupplier nanoClock;
  private final ModelSettings settings;
  private final int workers;
  private final BatchSettings batching;
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
  private final AtomicLong lastUsedNanos;
  private Supplier<Future<Void>> whenRetired = Future::succeededFuture;
  private volatile ModelState state = ModelState.LOADING;

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
    this.lastUsedNanos = new AtomicLong(nanoClock.getAsLong());
    this.context = vertx.getOrCreateContext();
    this.local = LocalModels.of(vertx);
    this.telemetry = Telemetry.of(vertx);
    this.settings = ModelSettings.of(options, entry.id().name());
    this.workers = ModelSettings.workers(options, entry.id().name());
    this.batching = BatchSettings.of(settings, entry.parameters());
    this.queue =
        new JobQueue(
            workers * options.getMaxInFlightPerWorker(),
            batching.isOn() ? new BatchWaiting(batching, nanoClock) : new FifoWaiting(),
            this::after);
    this.streaming =
        new StreamingCalls(vertx, queue, shared, options, nanoClock, this::deadlineNanos);
  }

  ModelManifest.Entry entry() {
    return entry;
  }

  /** What its workers run. */
  SharedModel shared() {
    return shared;
  }

  ModelId id() {
    return entry.id();
  }

  ModelState state() {
    return state;
  }

  /** The only writer of the state. */
  void become(ModelState next) {
    if (!state.next().contains(next)) {
      throw new IllegalStateException("model " + id() + " is " + state + ", cannot be " + next);
    }
    state = next;
  }

  /** When a request came last, in the nanoseconds of the host's clock. */
  long lastUsedNanos() {
    return lastUsedNanos.getOpaque();
  }

  /** Whether no request and no open stream is here. */
  boolean isIdle() {
    return queue.isEmpty();
  }

  /** Registers what is to be done when no worker has the model any more. */
  void whenRetired(Supplier<Future<Void>> action) {
    whenRetired = action;
  }

  /** Requests that wait or run. */
  int inFlight() {
    return queue.inFlight();
  }

  /** Loads the model on its workers; requests that name it are answered once it {@link #serve}s. */
  Future<ModelDescriptor> start(String runtimeName) {
    boolean own = shared.isRemote() || settings.isOwnPool();
    DeploymentOptions deployment =
        new DeploymentOptions()
            .setThreadingModel(ThreadingModel.WORKER)
            .setWorkerPoolName(own ? WORKER_POOL + "-" + entry.id() : WORKER_POOL)
            .setWorkerPoolSize(own ? workers : options.getWorkerPoolSize())
            .setMaxWorkerExecuteTime(MAX_EXECUTE_MINUTES)
            .setMaxWorkerExecuteTimeUnit(TimeUnit.MINUTES)
            .setInstances(workers);
    return vertx
        .deployVerticle(() -> new RuntimeWorker(shared, queue), deployment)
        .map(
            id -> {
              deploymentId = id;
              descriptor = describe(runtimeName);
              return descriptor;
            });
  }

  private void after(long nanos, Runnable action) {
    ((ContextInternal) context).nettyEventLoop().schedule(action, nanos, TimeUnit.NANOSECONDS);
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
          shared.parameters(),
          ModelState.READY);
    } finally {
      shared.release();
    }
  }

  /**
   * Answers requests that name this version.
   *
   * @param next READY, CANARY or SHADOW
   * @return completed when the whole cluster can reach the address
   */
  Future<Void> serve(ModelState next) {
    become(next);
    return listen();
  }

  private Future<Void> listen() {
    consumer = vertx.eventBus().consumer(address(), this::onRequest);
    local.add(address(), this);
    return consumer.completion().compose(v -> streaming.listen());
  }

  private String address() {
    return MessageBus.modelAddress(entry.id().name(), entry.id().version());
  }

  /** A request that names this version. On the host's context. */
  private void onRequest(io.vertx.core.eventbus.Message<Message> call) {
    if (!take(call)) {
      refuse(call, unloaded());
    }
  }

  /**
   * Takes any request in, on the host's context.
   *
   * @return false if this version takes no more; the call stays the caller's then
   */
  boolean take(io.vertx.core.eventbus.Message<Message> call) {
    return call.headers().contains(MessageBus.OPEN) ? open(call) : take(call, null, replyTo(call));
  }

  @Override
  public boolean takeDirectly(io.vertx.core.eventbus.Message<Message> call) {
    return !call.headers().contains(MessageBus.OPEN) && take(call, caller(), replyTo(call));
  }

  /** The event loop that the calling thread is; null if it is none. */
  static EventLoop caller() {
    ContextInternal caller = ContextInternal.current();
    return caller != null && caller.isEventLoopContext() ? caller.nettyEventLoop() : null;
  }

  static Consumer<Message> replyTo(io.vertx.core.eventbus.Message<Message> call) {
    return answer -> call.reply(answer, MessageBus.delivery());
  }

  private boolean open(io.vertx.core.eventbus.Message<Message> call) {
    if (queue.isClosed()) {
      return false;
    }
    try {
      streaming.open(call);
      watchDeadlines();
    } catch (McpException e) {
      refuse(call, e);
    }
    return true;
  }

  /**
   * Takes a single request in, on any thread.
   *
   * @param reply takes the answer over; called on the caller's event loop, if that is known
   * @return false if this version takes no more; the call stays the caller's then
   */
  boolean take(
      io.vertx.core.eventbus.Message<Message> call,
      EventLoop callerOrNull,
      Consumer<Message> reply) {
    return take(callId(call), call.body(), callerOrNull, reply);
  }

  /** As {@link #take(io.vertx.core.eventbus.Message, EventLoop, Consumer)}, without a bus. */
  boolean take(String callId, Message request, EventLoop callerOrNull, Consumer<Message> reply) {
    if (queue.isClosed()) {
      return false;
    }
    InferJob job =
        new InferJob(
            callId,
            entry.id(),
            request,
            batching.isOn() ? shared.batchPlan() : null,
            deadlineNanos(request),
            callerOrNull,
            telemetry,
            reply);
    if (queue.offer(job)) {
      watchDeadlines();
      return true;
    }
    McpException why = queue.isClosed() ? unloaded() : overloaded();
    job.refused(why);
    if (queue.isClosed()) {
      return false;
    }
    request.release();
    reply.accept(Message.error(why));
    return true;
  }

  private static void refuse(io.vertx.core.eventbus.Message<Message> call, McpException why) {
    call.body().release();
    call.reply(Message.error(why), MessageBus.delivery());
  }

  private static McpException unloaded() {
    return McpException.streamError(ErrorCode.MODEL_NOT_READY, "the model is being unloaded")
        .withRetryAfterMs(RETRY_AFTER_MS);
  }

  private McpException overloaded() {
    return McpException.streamError(
            ErrorCode.OVERLOADED,
            "model " + entry.id() + " has " + queue.inFlight() + " requests in flight")
        .withRetryAfterMs(RETRY_AFTER_MS);
  }

  private long deadlineNanos(Message request) {
    long now = nanoClock.getAsLong();
    lastUsedNanos.setOpaque(now);
    long timeoutMs = request.timeoutMs() < 0 ? options.getDefaultTimeoutMs() : request.timeoutMs();
    return now + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
  }

  private String callId(io.vertx.core.eventbus.Message<Message> call) {
    String given = call.headers().get(MessageBus.CALL_ID);
    return given == null ? "unnamed-" + unnamedCalls.incrementAndGet() : given;
  }

  @Override
  public void cancel(String callId) {
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
      }
    }
  }

  ModelDescriptor descriptor() {
    return descriptor.withState(state.canServe() ? told(shared.state()) : state);
  }

  /** Of a version that serves: what its process is, if that is not READY. */
  private ModelState told(ModelState runtime) {
    return runtime == ModelState.READY ? state : runtime;
  }

  /**
   * Takes no new request, lets those in flight finish, and frees the workers.
   *
   * @param graceMs how long open sequences and generations may go on; 0 ends them now
   */
  Future<Void> stop(long graceMs) {
    boolean listening = consumer != null;
    if (!state.next().contains(ModelState.DRAINING)) {
      become(ModelState.FAILED);
    }
    become(ModelState.DRAINING);
    local.remove(address(), this);
    Promise<Void> drained = Promise.promise();
    queue.close(() -> context.runOnContext(v -> drained.complete()));
    long timer = graceMs > 0 ? vertx.setTimer(graceMs, id -> streaming.endAll()) : NO_TIMER;
    if (graceMs <= 0) {
      streaming.endAll();
    }
    return (listening ? consumer.unregister() : Future.<Void>succeededFuture())
        .compose(v -> drained.future())
        .onComplete(v -> vertx.cancelTimer(timer))
        .compose(v -> listening ? streaming.close() : Future.succeededFuture())
        .compose(v -> undeployWorkers())
        .onComplete(v -> become(ModelState.RETIRED))
        .eventually(() -> whenRetired.get());
  }

  /** When the whole host is undeployed, its workers went before it. */
  private Future<Void> undeployWorkers() {
    return vertx.deploymentIDs().contains(deploymentId)
        ? vertx.undeploy(deploymentId)
        : Future.succeededFuture();
  }
}
