package io.modelcontrol.client.impl;

/**
 * The retries that a client may make, earned by its successes: where most requests fail, it makes
 * none. Counts in tenths of a token.
 */
final class RetryBudget {
  private static final long RETRY = 10;
  private static final long SUCCESS = 1;

  private final long full;
  private long left;

  RetryBudget(int tokens) {
    full = tokens * RETRY;
    left = full;
  }

  /** Pays for a retry; false, and nothing is paid, with less than half of the budget. */
  boolean take() {
    if (2 * left < full) {
      return false;
    }
    left = Math.max(0, left - RETRY);
    return true;
  }

  void onSuccess() {
    left = Math.min(full, left + SUCCESS);
  }
}
