package io.modelcontrol.serving;

import io.modelcontrol.runtime.MessageBus;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageType;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.MessageConsumer;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The calls of this node that go on over several messages, sequences and generations: one address
 * for the events of all of them, handed to each on the context of its session. Thread-safe.
 */
final class OpenCalls {
  /** Tells hosts that their callers still live, well within a host's idle timeout. */
  private static final long LEASE_MS = 15_000;

  /** What a call hears of its host; on the context that it was opened on. */
  interface Listener {
    /** Takes the event over. */
    void onEvent(Message event, boolean last);

    /** The host is to hear that the caller is still here. */
    void renew();
  }

  private record Open(Context context, Listener listener) {}

  private final Vertx vertx;
  private final MessageBus bus;
  private final String prefix = UUID.randomUUID() + "-";
  private final String address = "mcp.callers." + UUID.randomUUID();
  private final AtomicLong calls = new AtomicLong();
  private final Map<String, Open> open = new ConcurrentHashMap<>();
  private MessageConsumer<Message> consumer;
  private long timer;

  OpenCalls(Vertx vertx, MessageBus bus) {
    this.vertx = vertx;
    this.bus = bus;
  }

  void start() {
    consumer = bus.eventBus().consumer(address, this::onEvent);
    timer = vertx.setPeriodic(LEASE_MS, id -> renewAll());
  }

  void stop() {
    vertx.cancelTimer(timer);
    if (consumer != null) {
      consumer.unregister();
    }
  }

  /** A name for a call; its listener is called until it is removed. */
  String add(Listener listener) {
    String callId = prefix + calls.incrementAndGet();
    open.put(callId, new Open(vertx.getOrCreateContext(), listener));
    return callId;
  }

  void remove(String callId) {
    open.remove(callId);
  }

  /** Options of the request that opens a call. */
  DeliveryOptions opening(String callId, long sendTimeoutMs) {
    return going(callId).addHeader(MessageBus.OPEN, address).setSendTimeout(sendTimeoutMs);
  }

  /** Options of what follows. */
  DeliveryOptions going(String callId) {
    return MessageBus.delivery().addHeader(MessageBus.CALL_ID, callId);
  }

  /** Asks for results; 0 only says that the caller is still here. */
  void credit(String callId, String stepsAddress, long results) {
    bus.eventBus()
        .send(
            stepsAddress,
            Message.of(MessageType.STATUS),
            going(callId).addHeader(MessageBus.CREDIT, Long.toString(results)));
  }

  /** Ends a call on its host, which tells its last event. */
  void close(String callId, String stepsAddressOrNull) {
    if (stepsAddressOrNull == null) {
      bus.eventBus().publish(MessageBus.CANCEL, callId);
    } else {
      bus.eventBus()
          .send(
              stepsAddressOrNull,
              Message.of(MessageType.STATUS),
              going(callId).addHeader(MessageBus.CLOSE, "true"));
    }
  }

  private void onEvent(io.vertx.core.eventbus.Message<Message> event) {
    Message message = event.body();
    Open call = open.get(event.headers().get(MessageBus.CALL_ID));
    if (call == null) {
      message.release();
      return;
    }
    boolean last = event.headers().contains(MessageBus.LAST);
    call.context().runOnContext(v -> call.listener().onEvent(message, last));
  }

  private void renewAll() {
    for (Open call : open.values()) {
      call.context().runOnContext(v -> call.listener().renew());
    }
  }
}
