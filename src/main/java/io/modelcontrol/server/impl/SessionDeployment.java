package io.modelcontrol.server.impl;

import io.netty.channel.EventLoop;
import io.vertx.core.Context;
import io.vertx.core.Deployable;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.internal.CloseFuture;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.internal.deployment.Deployment;
import io.vertx.core.internal.deployment.DeploymentContext;
import java.util.Set;

/**
 * Deploys a verticle on a given event loop. The public API gives each verticle the next event loop,
 * a thread hop away from the socket that it serves; this one runs it where the socket lives. The
 * only place that knows Vert.x's internal deployment interfaces.
 */
final class SessionDeployment implements Deployment {
  private static final String IDENTIFIER = "mcp:session";

  private final Deployable verticle;
  private final CloseFuture closeFuture = new CloseFuture();
  private final ContextInternal context;

  private SessionDeployment(VertxInternal vertx, EventLoop loop, Deployable verticle) {
    this.verticle = verticle;
    this.context = vertx.contextBuilder().withEventLoop(loop).withCloseFuture(closeFuture).build();
  }

  /**
   * Deploys a verticle on an event loop, from that loop.
   *
   * @param parentId the deployment that ends it with itself; {@code null} for none
   * @return the deployment id; completed at once if the verticle's own deploy is
   */
  static Future<String> deploy(
      VertxInternal vertx, String parentId, EventLoop loop, Deployable verticle) {
    SessionDeployment deployment = new SessionDeployment(vertx, loop, verticle);
    return vertx
        .deploymentManager()
        .deploy(parentId, deployment.context, deployment)
        .map(DeploymentContext::id);
  }

  @Override
  public Set<Context> contexts() {
    return Set.of(context);
  }

  @Override
  public Set<Deployable> instances() {
    return Set.of(verticle);
  }

  @Override
  public DeploymentOptions options() {
    return new DeploymentOptions();
  }

  @Override
  public String identifier() {
    return IDENTIFIER;
  }

  @Override
  public Future<?> deploy(DeploymentContext deployment) {
    try {
      return verticle.deploy(context);
    } catch (Exception e) {
      return Future.failedFuture(e);
    }
  }

  @Override
  public Future<?> undeploy() {
    if (context.inThread()) {
      return undeployVerticle();
    }
    return Future.future(
        promise ->
            context.runOnContext(v -> undeployVerticle().<Void>mapEmpty().onComplete(promise)));
  }

  private Future<?> undeployVerticle() {
    try {
      return verticle.undeploy(context);
    } catch (Exception e) {
      return Future.failedFuture(e);
    }
  }

  @Override
  public Future<?> cleanup() {
    return closeFuture.close();
  }
}
