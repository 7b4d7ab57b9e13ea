package io.modelcontrol.proof;

import io.modelcontrol.client.McpClient;
import io.modelcontrol.client.McpClientOptions;
import io.modelcontrol.server.McpServer;
import io.modelcontrol.server.McpServerOptions;
import io.modelcontrol.server.impl.DeployCost;
import io.netty.buffer.PooledByteBufAllocator;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Sessions opened and closed, each with its verticle: nothing of them stays. Also what deploying
 * one costs, and how many bytes of heap an open one takes (client and server together).
 */
public final class SessionsProof implements Proof {
  private static final int DEFAULT_COUNT = 10_000;
  private static final int AT_ONCE = 50;
  private static final int HELD_OPEN = 2_000;
  private static final long WAIT_SECONDS = 120;

  /** How much heap and direct memory may differ afterwards: caches of pools and loaded classes. */
  private static final long HEAP_SLACK_BYTES = 16L << 20;

  private static final class ServerVerticle extends VerticleBase {
    private McpServer server;

    @Override
    public Future<?> start() {
      server = McpServer.create(vertx, new McpServerOptions().setPort(0));
      return server.listen();
    }
  }

  @Override
  public String run(ProofArgs args) throws Exception {
    int count = args.countOr(DEFAULT_COUNT);
    Vertx vertx = Vertx.vertx();
    try {
      ServerVerticle server = new ServerVerticle();
      await(vertx.deployVerticle(server));
      cycle(vertx, server, Math.min(count, 500));
      awaitNoSession(server);
      Waiting.until(() -> vertx.deploymentIDs().size() == 1, "their verticles to end");
      Set<String> deployedBefore = vertx.deploymentIDs();
      long heapBefore = usedHeap();
      long start = System.nanoTime();
      cycle(vertx, server, count);
      double seconds = (System.nanoTime() - start) / 1e9;
      awaitNoSession(server);
      Waiting.until(() -> vertx.deploymentIDs().equals(deployedBefore), "verticles to end");
      long heapGrowth = usedHeap() - heapBefore;
      check(heapGrowth < HEAP_SLACK_BYTES, "heap has grown by " + heapGrowth + " bytes");
      String open = heldOpen(vertx, server, Math.min(count, HELD_OPEN));
      DeployCost.measure(vertx, Math.min(count, 10_000));
      DeployCost.Figures cost = DeployCost.measure(vertx, Math.min(count, 10_000));
      return String.format(
          Locale.ROOT,
          "%d sessions opened and closed in %.1f s, 0 left, heap %+d KiB, direct %d KiB; "
              + "deploy %.2f us, undeploy %.2f us, %d B each; %s",
          count,
          seconds,
          heapGrowth / 1024,
          PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory() / 1024,
          cost.deployMicros(),
          cost.undeployMicros(),
          cost.heapBytes(),
          open);
    } finally {
      await(vertx.close());
    }
  }

  private static void cycle(Vertx vertx, ServerVerticle server, int count) throws Exception {
    for (int done = 0; done < count; done += AT_ONCE) {
      List<Future<?>> batch = new ArrayList<>();
      for (int i = done; i < Math.min(count, done + AT_ONCE); i++) {
        McpClient client = client(vertx, server);
        batch.add(client.connect().compose(v -> client.ping()).compose(v -> client.close()));
      }
      await(Future.all(batch));
    }
  }

  private static String heldOpen(Vertx vertx, ServerVerticle server, int count) throws Exception {
    long before = usedHeap();
    List<McpClient> clients = new ArrayList<>();
    for (int done = 0; done < count; done += AT_ONCE) {
      List<Future<?>> batch = new ArrayList<>();
      for (int i = done; i < Math.min(count, done + AT_ONCE); i++) {
        McpClient client = client(vertx, server);
        clients.add(client);
        batch.add(client.connect());
      }
      await(Future.all(batch));
    }
    check(server.server.sessionCount() == count, "not every session is open");
    check(vertx.deploymentIDs().size() >= count, "not every session is a deployment");
    long bytes = (usedHeap() - before) / count;
    List<Future<?>> closes = new ArrayList<>();
    clients.forEach(client -> closes.add(client.close()));
    await(Future.all(closes));
    awaitNoSession(server);
    return count + " open at once take " + bytes + " B of heap each, both ends";
  }

  private static McpClient client(Vertx vertx, ServerVerticle server) {
    return McpClient.create(vertx, new McpClientOptions().setPort(server.server.actualPort()));
  }

  private static void awaitNoSession(ServerVerticle server) throws Exception {
    Waiting.until(() -> server.server.sessionCount() == 0, "sessions to end");
  }

  private static long usedHeap() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  private static void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError(otherwise);
    }
  }

  private static void await(Future<?> future) throws Exception {
    future.await(WAIT_SECONDS, TimeUnit.SECONDS);
  }
}
