package io.modelcontrol.runtime;

import io.modelcontrol.wire.Message;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryContext;
import io.vertx.core.shareddata.Shareable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The models that this process serves, by the addresses of their requests. A request that is sent
 * to one of them over the event bus goes from the sender's thread straight to the model's queue:
 * the bus would wake the event loop of the host for no more than that. A cancel goes both ways: it
 * must overtake no request, whichever way that went. In a cluster the bus chooses between the
 * nodes, and all goes its way. Thread-safe.
 */
final class LocalModels implements Shareable {
  /** Who takes the requests of an address. */
  interface Taker {
    /**
     * Takes a call on the sender's thread.
     *
     * @return false if it has to come by its own way
     */
    boolean takeDirectly(io.vertx.core.eventbus.Message<Message> call);

    /** Ends the request of a call, if it is here; on any thread. */
    void cancel(String callId);
  }

  private static final String NAME = "mcp.models";

  private final Vertx vertx;
  private final Map<String, List<Taker>> byAddress = new ConcurrentHashMap<>();
  private final Handler<DeliveryContext<Object>> interceptor = this::onSend;
  private boolean intercepting;

  private LocalModels(Vertx vertx) {
    this.vertx = vertx;
  }

  /** Those of all hosts of a Vert.x instance. */
  static LocalModels of(Vertx vertx) {
    return vertx
        .sharedData()
        .<String, LocalModels>getLocalMap(NAME)
        .computeIfAbsent(NAME, name -> new LocalModels(vertx));
  }

  synchronized void add(String address, Taker model) {
    List<Taker> all = new ArrayList<>(byAddress.getOrDefault(address, List.of()));
    all.add(model);
    byAddress.put(address, List.copyOf(all));
    intercept();
  }

  synchronized void remove(String address, Taker model) {
    List<Taker> left = new ArrayList<>(byAddress.getOrDefault(address, List.of()));
    left.remove(model);
    if (left.isEmpty()) {
      byAddress.remove(address);
    } else {
      byAddress.put(address, List.copyOf(left));
    }
    intercept();
  }

  /** No message of an application pays for models that are not here. */
  private void intercept() {
    boolean wanted = !byAddress.isEmpty() && !vertx.isClustered();
    if (wanted && !intercepting) {
      vertx.eventBus().addOutboundInterceptor(interceptor);
    } else if (!wanted && intercepting) {
      vertx.eventBus().removeOutboundInterceptor(interceptor);
    }
    intercepting = wanted;
  }

  private void onSend(DeliveryContext<Object> delivery) {
    Object body = delivery.message().body();
    if (body instanceof String callId && MessageBus.CANCEL.equals(delivery.message().address())) {
      byAddress.values().forEach(models -> models.forEach(model -> model.cancel(callId)));
    }
    if (!(body instanceof Message) || !delivery.send() || !takeDirectly(cast(delivery.message()))) {
      delivery.next();
    }
  }

  private boolean takeDirectly(io.vertx.core.eventbus.Message<Message> call) {
    List<Taker> models = byAddress.get(call.address());
    // Between several of one address the bus chooses.
    return models != null && models.size() == 1 && models.get(0).takeDirectly(call);
  }

  @SuppressWarnings("unchecked") // Its body is one.
  private static io.vertx.core.eventbus.Message<Message> cast(
      io.vertx.core.eventbus.Message<?> call) {
    return (io.vertx.core.eventbus.Message<Message>) call;
  }
}
