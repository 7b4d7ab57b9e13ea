package io.modelcontrol.runtime;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.wire.Message;
import io.netty.channel.EventLoop;
import io.vertx.core.Future;
import io.vertx.core.eventbus.EventBus;
import io.vertx.core.eventbus.MessageConsumer;
import java.util.function.Consumer;

/**
 * Where requests for a model go that name no version. It hears the model's address as long as there
 * is a version; which version answers is one reference, so that a switch is one step: each request,
 * and each sequence that is opened, sees the old version or the new one.
 *
 * <p>A request may have looked at the reference just before it is switched, and meet a version that
 * takes no more: it looks again. Requests come on any thread; switched on the host's context.
 */
final class ModelRouter implements LocalModels.Taker {
  /** Looks at the reference; each further one means that it was switched within microseconds. */
  private static final int MAX_LOOKS = 16;

  private static final long RETRY_AFTER_MS = 100;
  private static final int ALL_PERCENT = 100;

  /** Divides requests between the active version and another one. */
  interface Split {
    /**
     * Takes a single request in, on any thread.
     *
     * @return false if no version took it; the call stays the caller's then
     */
    boolean take(
        ServedModel active,
        io.vertx.core.eventbus.Message<Message> call,
        EventLoop callerOrNull,
        Consumer<Message> reply);

    /** The version that is tried. */
    ServedModel candidate();

    /** Percent of the requests that it answers. */
    int sharePercent();

    /** The version that a sequence or a generation is opened on. */
    ServedModel forStream(ServedModel active, io.vertx.core.eventbus.Message<Message> call);
  }

  private record Routing(ServedModel active, Split splitOrNull) {}

  private final String address;
  private final EventBus bus;
  private final LocalModels local;
  private final RecordedRequests recorded = new RecordedRequests();
  private volatile Routing routing;
  private MessageConsumer<Message> consumer;

  ModelRouter(String name, EventBus bus, LocalModels local, ServedModel active) {
    this.address = MessageBus.modelAddress(name, null);
    this.bus = bus;
    this.local = local;
    routing = new Routing(active, null);
  }

  /** Completed when the whole cluster can reach the address. */
  Future<Void> start() {
    consumer = bus.consumer(address, this::onRequest);
    local.add(address, this);
    return consumer.completion();
  }

  /** There is no version any more. */
  Future<Void> stop() {
    local.remove(address, this);
    return consumer.unregister();
  }

  /** Some of the latest requests that came here. */
  RecordedRequests recorded() {
    return recorded;
  }

  ServedModel active() {
    return routing.active();
  }

  /** Percent of the requests without a version that this one answers. */
  int sharePercent(ServedModel version) {
    Routing now = routing;
    int tried = now.splitOrNull == null ? 0 : now.splitOrNull.sharePercent();
    if (version == now.active) {
      return ALL_PERCENT - tried;
    }
    return now.splitOrNull != null && version == now.splitOrNull.candidate() ? tried : 0;
  }

  /** From now on all requests go to a version. */
  void activate(ServedModel version) {
    routing = new Routing(version, null);
  }

  /** From now on requests are divided. */
  void split(Split split) {
    routing = new Routing(routing.active(), split);
  }

  /** From now on the active version has all requests. */
  void unsplit() {
    routing = new Routing(routing.active(), null);
  }

  private void onRequest(io.vertx.core.eventbus.Message<Message> call) {
    boolean taken = call.headers().contains(MessageBus.OPEN) ? open(call) : take(call, null);
    if (!taken) {
      McpException why =
          McpException.streamError(ErrorCode.MODEL_NOT_READY, "the model is being unloaded")
              .withRetryAfterMs(RETRY_AFTER_MS);
      call.body().release();
      call.reply(Message.error(why), MessageBus.delivery());
    }
  }

  @Override
  public boolean takeDirectly(io.vertx.core.eventbus.Message<Message> call) {
    return !call.headers().contains(MessageBus.OPEN) && take(call, ServedModel.caller());
  }

  private boolean open(io.vertx.core.eventbus.Message<Message> call) {
    Routing now = routing;
    ServedModel version =
        now.splitOrNull == null ? now.active : now.splitOrNull.forStream(now.active, call);
    return version.take(call) || now.active.take(call);
  }

  private boolean take(io.vertx.core.eventbus.Message<Message> call, EventLoop callerOrNull) {
    Consumer<Message> reply = ServedModel.replyTo(call);
    recorded.see(call.body());
    for (int look = 0; look < MAX_LOOKS; look++) {
      Routing now = routing;
      boolean taken =
          now.splitOrNull == null
              ? now.active.take(call, callerOrNull, reply)
              : now.splitOrNull.take(now.active, call, callerOrNull, reply);
      if (taken) {
        return true;
      }
    }
    return false;
  }

  /** Each version hears of cancels by itself. */
  @Override
  public void cancel(String callId) {}
}
