package io.modelcontrol.testing;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A weak network between a client and a server, on loopback: connections that are cut, at a moment
 * or at a byte, and connections over which nothing comes any more. All methods may be called from
 * any thread.
 */
public final class CutProxy {
  private record Pair(NetSocket client, NetSocket server) {}

  private final VertxInternal vertx;
  private final ContextInternal context;
  private volatile int target;
  private final NetClient netClient;
  private final Set<Pair> pairs = new LinkedHashSet<>();
  private NetServer netServer;
  private long bytesUntilCut = Long.MAX_VALUE;
  private boolean refusing;
  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicInteger cuts = new AtomicInteger();
  private final AtomicLong fromClients = new AtomicLong();

  public CutProxy(Vertx vertx, int targetPort) {
    this.vertx = (VertxInternal) vertx;
    this.context = this.vertx.contextBuilder().build();
    this.target = targetPort;
    this.netClient = vertx.createNetClient();
  }

  /** Listens; gives the port to connect to. */
  public Future<Integer> start() {
    return Future.future(
        started ->
            context.runOnContext(
                v -> {
                  netServer = vertx.createNetServer().connectHandler(this::accept);
                  netServer.listen(0, "127.0.0.1").map(NetServer::actualPort).onComplete(started);
                }));
  }

  /** Closes all connections now. */
  public void cut() {
    context.runOnContext(v -> cutNow());
  }

  /** Closes all connections after so many further bytes, in both directions together. */
  public void cutAfter(long bytes) {
    context.runOnContext(v -> bytesUntilCut = bytes);
  }

  /** Lets nothing pass any more on the connections that there are, and closes none. */
  public void silence() {
    context.runOnContext(v -> pairs.forEach(CutProxy::silence));
  }

  /** Whether new connections are closed at once. */
  public void refuse(boolean newRefusing) {
    context.runOnContext(v -> refusing = newRefusing);
  }

  /** Connections that were made so far. */
  public int connections() {
    return connections.get();
  }

  /** How often connections were cut. */
  public int cuts() {
    return cuts.get();
  }

  /** Bytes that clients have sent so far, also those that were cut off. */
  public long bytesFromClients() {
    return fromClients.get();
  }

  /** Where new connections go to: a server that has come back. */
  public void target(int port) {
    target = port;
  }

  private void accept(NetSocket client) {
    if (refusing) {
      client.close();
      return;
    }
    client.pause();
    netClient
        .connect(target, "127.0.0.1")
        .onSuccess(server -> join(new Pair(client, server)))
        .onFailure(failure -> client.close());
  }

  private void join(Pair pair) {
    connections.incrementAndGet();
    pairs.add(pair);
    pair.client.closeHandler(v -> close(pair));
    pair.server.closeHandler(v -> close(pair));
    pair.client.handler(bytes -> pass(pair, pair.server, bytes));
    pair.server.handler(bytes -> pass(pair, pair.client, bytes));
    pair.client.resume();
  }

  private void pass(Pair pair, NetSocket to, Buffer bytes) {
    if (to == pair.server) {
      fromClients.addAndGet(bytes.length());
    }
    int most = (int) Math.min(bytes.length(), bytesUntilCut);
    if (bytesUntilCut != Long.MAX_VALUE) {
      bytesUntilCut -= most;
    }
    if (most > 0) {
      to.write(bytes.slice(0, most));
    }
    if (bytesUntilCut == 0) {
      bytesUntilCut = Long.MAX_VALUE;
      cutNow();
    } else if (to.writeQueueFull()) {
      NetSocket from = to == pair.server ? pair.client : pair.server;
      from.pause();
      to.drainHandler(v -> from.resume());
    }
  }

  private void cutNow() {
    cuts.incrementAndGet();
    Set.copyOf(pairs).forEach(this::close);
  }

  private void close(Pair pair) {
    pairs.remove(pair);
    pair.client.close();
    pair.server.close();
  }

  private static void silence(Pair pair) {
    pair.client.handler(bytes -> {});
    pair.server.handler(bytes -> {});
  }

  /** Closes everything. */
  public Future<Void> close() {
    return Future.future(
        closed ->
            context.runOnContext(
                v -> {
                  Set.copyOf(pairs).forEach(this::close);
                  netServer.close().eventually(netClient::close).onComplete(closed);
                }));
  }
}
