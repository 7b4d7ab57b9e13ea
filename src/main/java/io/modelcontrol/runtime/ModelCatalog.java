package io.modelcontrol.runtime;

import io.modelcontrol.ModelDescriptor;
import io.modelcontrol.wire.Message;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.MessageConsumer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * What the hosts of all nodes have announced. Soft state: a host that falls silent is forgotten,
 * and with it what it had. Answers where a model is; only a host itself can say that it serves.
 */
public final class ModelCatalog {
  /** Hosts announce at least this often. */
  static final long ANNOUNCE_MS = 2_000;

  /** Parameter of a host's last announcement. */
  static final String LEAVING = "leaving";

  /** Hosts that are silent for three announcements are gone. */
  private static final long FORGET_NANOS = TimeUnit.MILLISECONDS.toNanos(3 * ANNOUNCE_MS);

  /** What vanished stays known this long, so that "unavailable" is told from "never heard of". */
  private static final long REMEMBER_NANOS = TimeUnit.MINUTES.toNanos(10);

  private record Host(List<ModelDescriptor> models, long heardNanos) {}

  private final Vertx vertx;
  private final MessageBus bus;
  private final LongSupplier nanoClock;
  private final Map<String, Host> hosts = new LinkedHashMap<>();
  private final Map<String, Long> namesSeenNanos = new LinkedHashMap<>();
  private final List<Runnable> watchers = new CopyOnWriteArrayList<>();
  private MessageConsumer<Message> consumer;
  private long timer;

  public ModelCatalog(Vertx vertx, MessageBus bus, LongSupplier nanoClock) {
    this.vertx = vertx;
    this.bus = bus;
    this.nanoClock = nanoClock;
  }

  /** Listens on the calling context, and asks who is there. */
  public void start() {
    consumer = bus.eventBus().consumer(MessageBus.CATALOG, this::onAnnouncement);
    timer = vertx.setPeriodic(ANNOUNCE_MS, id -> forgetSilentHosts());
    bus.eventBus().publish(MessageBus.CATALOG_QUERY, "");
  }

  public void stop() {
    vertx.cancelTimer(timer);
    consumer.unregister();
  }

  /** Addresses of the hosts that are known to be alive. */
  public synchronized Set<String> hosts() {
    return Set.copyOf(hosts.keySet());
  }

  /** Addresses of the hosts that serve a model of this name. */
  public synchronized List<String> hostsOf(String name) {
    return hosts.entrySet().stream()
        .filter(host -> host.getValue().models.stream().anyMatch(m -> m.id().name().equals(name)))
        .map(Map.Entry::getKey)
        .toList();
  }

  /** All models as last announced. */
  public synchronized List<ModelDescriptor> models() {
    List<ModelDescriptor> all = new ArrayList<>();
    hosts.values().forEach(host -> all.addAll(host.models));
    return all;
  }

  /** Whether some host had a model of this name a while ago. */
  public synchronized boolean wasServed(String name) {
    Long seen = namesSeenNanos.get(name);
    return seen != null && nanoClock.getAsLong() - seen < REMEMBER_NANOS;
  }

  /** Registers who is told, on the catalog's context, when something has changed. */
  public void watch(Runnable watcher) {
    watchers.add(watcher);
  }

  public void unwatch(Runnable watcher) {
    watchers.remove(watcher);
  }

  private void onAnnouncement(io.vertx.core.eventbus.Message<Message> announcement) {
    String host = announcement.headers().get(MessageBus.HOST);
    Message message = announcement.body();
    boolean changed;
    synchronized (this) {
      if (message.parameters().containsKey(LEAVING)) {
        changed = hosts.remove(host) != null;
      } else {
        changed = remember(host, message.descriptors());
      }
    }
    if (changed) {
      watchers.forEach(Runnable::run);
    }
  }

  private boolean remember(String address, List<ModelDescriptor> models) {
    long now = nanoClock.getAsLong();
    Host before = hosts.put(address, new Host(List.copyOf(models), now));
    if (before != null && !before.models.equals(models)) {
      List<ModelDescriptor> gone = new ArrayList<>(before.models);
      gone.removeAll(models);
      gone.forEach(model -> namesSeenNanos.remove(model.id().name()));
    }
    models.forEach(model -> namesSeenNanos.put(model.id().name(), now));
    return before == null || !before.models.equals(models);
  }

  private void forgetSilentHosts() {
    boolean changed;
    synchronized (this) {
      long now = nanoClock.getAsLong();
      changed = hosts.values().removeIf(host -> now - host.heardNanos > FORGET_NANOS);
      namesSeenNanos.values().removeIf(seen -> now - seen > REMEMBER_NANOS);
    }
    if (changed) {
      watchers.forEach(Runnable::run);
    }
  }
}
