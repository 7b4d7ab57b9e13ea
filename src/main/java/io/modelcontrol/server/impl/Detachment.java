package io.modelcontrol.server.impl;

import io.modelcontrol.server.McpServerOptions;
import io.vertx.core.Vertx;

/**
 * The wait of a session for its client: bounded in time, and in what the session may hold
 * meanwhile. On the session's context.
 */
final class Detachment {
  /** What a session holds can grow while it waits: its requests are being answered. */
  private static final long CHECK_MS = 100;

  private final Vertx vertx;
  private final long timer;
  private long leftMs;

  Detachment(Vertx vertx, McpServerOptions options, SessionVerticle session) {
    this.vertx = vertx;
    this.leftMs = options.getResumeTimeoutMs();
    this.timer = vertx.setPeriodic(Math.min(CHECK_MS, leftMs), id -> check(session, options));
  }

  private void check(SessionVerticle session, McpServerOptions options) {
    leftMs -= CHECK_MS;
    if (leftMs <= 0) {
      session.giveUp("the client did not come back in time");
    } else if (session.heldBytes() > options.getMaxDetachedBytes()) {
      session.giveUp("more than " + options.getMaxDetachedBytes() + " bytes wait for the client");
    }
  }

  void end() {
    vertx.cancelTimer(timer);
  }
}
