package io.modelcontrol.server.impl;

import io.netty.channel.EventLoop;
import io.vertx.core.Deployable;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What it costs to deploy and undeploy a session verticle, without the session in it. */
public final class DeployCost {
  /**
   * The figures of one measurement.
   *
   * @param deployMicros for each deployment, mean
   * @param undeployMicros for each, mean
   * @param heapBytes held by each while all are deployed
   */
  public record Figures(double deployMicros, double undeployMicros, long heapBytes) {}

  private DeployCost() {}

  /** Deploys so many empty verticles on one event loop, then undeploys them. Blocks. */
  public static Figures measure(Vertx vertx, int count) throws Exception {
    VertxInternal internal = (VertxInternal) vertx;
    ContextInternal context = internal.createEventLoopContext();
    EventLoop loop = context.nettyEventLoop();
    List<String> ids = new ArrayList<>(count);
    long heapBefore = usedHeap();
    long deployNanos = onLoop(context, () -> deployAll(internal, loop, count, ids));
    long heap = (usedHeap() - heapBefore) / count;
    long undeployNanos = onLoop(context, () -> ids.forEach(vertx::undeploy));
    return new Figures(deployNanos / 1_000.0 / count, undeployNanos / 1_000.0 / count, heap);
  }

  private static void deployAll(VertxInternal vertx, EventLoop loop, int count, List<String> ids) {
    Deployable nothing = context -> Future.succeededFuture();
    for (int i = 0; i < count; i++) {
      SessionDeployment.deploy(vertx, null, loop, nothing).onSuccess(ids::add);
    }
  }

  private static long onLoop(ContextInternal context, Runnable action) throws Exception {
    return Future.<Long>future(
            promise ->
                context.runOnContext(
                    v -> {
                      long start = System.nanoTime();
                      action.run();
                      promise.complete(System.nanoTime() - start);
                    }))
        .await(1, TimeUnit.MINUTES);
  }

  private static long usedHeap() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }
}
