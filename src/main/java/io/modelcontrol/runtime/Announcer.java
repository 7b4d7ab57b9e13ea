package io.modelcontrol.runtime;

import io.modelcontrol.ModelDescriptor;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageType;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.MessageConsumer;
import java.util.List;
import java.util.function.Supplier;

/** Tells every catalog what a host has: when it changes, when somebody asks, and regularly. */
final class Announcer {
  private final Vertx vertx;
  private final MessageBus bus;
  private final String host;
  private final Supplier<List<ModelDescriptor>> descriptors;
  private MessageConsumer<Object> queries;
  private long timer;

  Announcer(Vertx vertx, MessageBus bus, String host, Supplier<List<ModelDescriptor>> descriptors) {
    this.vertx = vertx;
    this.bus = bus;
    this.host = host;
    this.descriptors = descriptors;
  }

  void start() {
    queries = bus.eventBus().consumer(MessageBus.CATALOG_QUERY, query -> announce());
    timer = vertx.setPeriodic(ModelCatalog.ANNOUNCE_MS, id -> announce());
    announce();
  }

  void announce() {
    Message message = Message.of(MessageType.STATE_SYNC);
    descriptors.get().forEach(message::descriptor);
    bus.eventBus()
        .publish(
            MessageBus.CATALOG, message, MessageBus.delivery().addHeader(MessageBus.HOST, host));
  }

  /** The last word of a host that leaves: it has nothing, and is nobody's address any more. */
  void stop() {
    vertx.cancelTimer(timer);
    queries.unregister();
    if (!vertx.isClustered()) {
      return;
    }
    bus.eventBus()
        .publish(
            MessageBus.CATALOG,
            Message.of(MessageType.STATE_SYNC).parameter(ModelCatalog.LEAVING, "true"),
            MessageBus.delivery().addHeader(MessageBus.HOST, host));
  }
}
