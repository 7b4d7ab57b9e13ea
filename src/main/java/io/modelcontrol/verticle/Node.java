package io.modelcontrol.verticle;

import io.vertx.core.Deployable;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** The deployed verticles of one node, in the Vert.x of whoever embeds it. */
public final class Node {
  private final Vertx vertx;
  private final List<Deployable> verticles = new ArrayList<>();
  private final Deque<String> deploymentIds = new ArrayDeque<>();

  private Node(Vertx vertx) {
    this.vertx = vertx;
  }

  /** Deploys all verticles of the role, in order; if one fails, those before it are stopped. */
  public static Future<Node> deploy(Vertx vertx, NodeConfig config) {
    Node node = new Node(vertx);
    Future<Void> all = Future.succeededFuture();
    for (VerticleDescriptor descriptor : config.verticles()) {
      all = all.compose(v -> node.deploy(descriptor, config));
    }
    return all.map(node)
        .recover(failure -> node.stop().transform(v -> Future.failedFuture(failure)));
  }

  private Future<Void> deploy(VerticleDescriptor descriptor, NodeConfig config) {
    return vertx
        .deployVerticle(
            () -> {
              Deployable verticle = descriptor.create();
              verticles.add(verticle);
              return verticle;
            },
            descriptor.deployment(config))
        .map(
            id -> {
              deploymentIds.push(id);
              return null;
            });
  }

  /** The port that is listened on; 0 for a node that has no sessions. */
  public int port() {
    return verticles.stream()
        .filter(ServerVerticle.class::isInstance)
        .mapToInt(verticle -> ((ServerVerticle) verticle).actualPort())
        .findFirst()
        .orElse(0);
  }

  /** The port of metrics and health; 0 for none. */
  public int managementPort() {
    return verticles.stream()
        .filter(ManagementVerticle.class::isInstance)
        .mapToInt(verticle -> ((ManagementVerticle) verticle).actualPort())
        .findFirst()
        .orElse(0);
  }

  /** Undeploys in the opposite order: sessions drain while the models still answer. */
  public Future<Void> stop() {
    Future<Void> all = Future.succeededFuture();
    while (!deploymentIds.isEmpty()) {
      String id = deploymentIds.pop();
      all = all.eventually(() -> vertx.undeploy(id));
    }
    return all;
  }
}
