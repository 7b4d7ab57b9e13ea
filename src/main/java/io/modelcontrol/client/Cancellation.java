package io.modelcontrol.client;

import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Gives up requests whose result nobody wants any more. One may be handed to several requests,
 * which then end together. A canceled request fails with REQUEST_CANCELED, and its stream is reset,
 * so that the server stops working on it as soon as it can.
 *
 * <p>Thread-safe.
 */
public final class Cancellation {
  private final Set<Runnable> actions = new LinkedHashSet<>();
  private boolean canceled;

  /**
   * Gives up all requests that have this cancellation and are not done; and those that get it
   * later.
   */
  public void cancel() {
    Runnable[] due;
    synchronized (this) {
      canceled = true;
      due = actions.toArray(Runnable[]::new);
      actions.clear();
    }
    for (Runnable action : due) {
      action.run();
    }
  }

  /** Whether {@link #cancel()} was called. */
  public synchronized boolean isCanceled() {
    return canceled;
  }

  /**
   * Registers what a cancel does, which may be called from any thread; called at once if it is due.
   */
  public void onCancel(Runnable action) {
    synchronized (this) {
      if (!canceled) {
        actions.add(action);
        return;
      }
    }
    action.run();
  }

  /** Forgets an action: its request is done. */
  public synchronized void forget(Runnable action) {
    actions.remove(action);
  }
}
