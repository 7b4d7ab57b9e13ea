package io.modelcontrol.server.impl;

import io.modelcontrol.session.TokenBucket;

/** What peers can cause is logged ten times a second at most: nobody fills the log from outside. */
final class PeerLog {
  private static final int BURST = 50;
  private static final int LINES_PER_SECOND = 10;

  private final TokenBucket budget = new TokenBucket(BURST, LINES_PER_SECOND);

  /** Whether there is room for a line now. */
  synchronized boolean mayLog() {
    return budget.take(System.nanoTime());
  }
}
