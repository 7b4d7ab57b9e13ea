package io.modelcontrol.client.impl;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.netty.util.collection.LongObjectHashMap;
import io.netty.util.collection.LongObjectMap;
import io.vertx.core.Promise;

/** The pings of a connection that were not answered yet. On the client's context only. */
final class Pings {
  private static final class Ping {
    private final Promise<Long> answered;
    private long sentNanos = System.nanoTime();
    private long timer;

    private Ping(Promise<Long> answered) {
      this.answered = answered;
    }
  }

  private final ClientConnection connection;
  private final long timeoutMs;
  private final LongObjectMap<Ping> open = new LongObjectHashMap<>(4);
  private long lastNumber;

  Pings(ClientConnection connection, long timeoutMs) {
    this.connection = connection;
    this.timeoutMs = timeoutMs;
  }

  void send(Promise<Long> answered) {
    long number = ++lastNumber;
    Ping ping = new Ping(answered);
    open.put(number, ping);
    ping.timer = connection.context().setTimer(timeoutMs, id -> expire(number));
    connection.sendPing(number);
  }

  /** Those that were asked for before the session was Ready. */
  void sendAll() {
    for (LongObjectMap.PrimitiveEntry<Ping> entry : open.entries()) {
      entry.value().sentNanos = System.nanoTime();
      connection.sendPing(entry.key());
    }
  }

  void onPong(long number) {
    Ping ping = take(number);
    if (ping != null) {
      ping.answered.complete(System.nanoTime() - ping.sentNanos);
    }
  }

  void failAll(McpException error) {
    long[] numbers = open.keySet().stream().mapToLong(Long::longValue).toArray();
    for (long number : numbers) {
      fail(number, error);
    }
  }

  private void expire(long number) {
    fail(
        number,
        McpException.streamError(
            ErrorCode.DEADLINE_EXCEEDED, "no answer to a ping within " + timeoutMs + " ms"));
  }

  private void fail(long number, McpException error) {
    Ping ping = take(number);
    if (ping != null) {
      ping.answered.fail(error);
    }
  }

  private Ping take(long number) {
    Ping ping = open.remove(number);
    if (ping != null) {
      connection.context().owner().cancelTimer(ping.timer);
    }
    return ping;
  }
}
