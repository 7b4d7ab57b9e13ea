package io.modelcontrol.runtime;

import io.modelcontrol.Digest;
import io.modelcontrol.wire.Message;
import io.vertx.core.Handler;
import io.vertx.core.eventbus.MessageConsumer;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Where this host is reached by the contents that it has a part of: of several hosts, the one that
 * can go on with an upload is to be asked. On the host's context.
 */
final class UploadAddresses {
  private final MessageBus bus;
  private final Handler<io.vertx.core.eventbus.Message<Message>> handler;
  private final Map<Digest, MessageConsumer<Message>> consumers = new HashMap<>();

  UploadAddresses(MessageBus bus, Handler<io.vertx.core.eventbus.Message<Message>> handler) {
    this.bus = bus;
    this.handler = handler;
  }

  void add(Digest digest) {
    consumers.computeIfAbsent(
        digest, key -> bus.eventBus().consumer(MessageBus.uploadAddress(key), handler));
  }

  void remove(Digest digest) {
    MessageConsumer<Message> consumer = consumers.remove(digest);
    if (consumer != null) {
      consumer.unregister();
    }
  }

  /** Adds these and removes all others. */
  void set(Set<Digest> digests) {
    Set.copyOf(consumers.keySet()).stream()
        .filter(known -> !digests.contains(known))
        .forEach(this::remove);
    digests.forEach(this::add);
  }
}
