package io.modelcontrol.isolation;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A process that has started and has no model yet: whoever replaces one that has ended need not
 * wait until a JVM has started on what others leave of a processor. There is one as long as models
 * have processes; models that are loaded don't take it. Thread-safe.
 */
final class Standby {
  private static final Logger LOG = LoggerFactory.getLogger(Standby.class);

  private final Supplier<RuntimeProcess> starter;
  private final boolean wanted;
  private int models;

  /** Null where there is none, and none is being started. */
  private CompletableFuture<RuntimeProcess> next;

  /**
   * None yet.
   *
   * @param starter starts a process; blocks
   * @param wanted whether there shall be one at all
   */
  Standby(Supplier<RuntimeProcess> starter, boolean wanted) {
    this.starter = starter;
    this.wanted = wanted;
  }

  /** One more model has a process. */
  synchronized void modelBegins() {
    models++;
    prepare();
  }

  /** One has none any more. The last one takes the standby with it. */
  synchronized void modelEnds() {
    models--;
    if (models == 0 && next != null) {
      next.thenAccept(RuntimeProcess::close);
      next = null;
    }
  }

  /** Has one started, if there is to be one. */
  synchronized void prepare() {
    if (wanted && models > 0 && next == null) {
      CompletableFuture<RuntimeProcess> started =
          CompletableFuture.supplyAsync(starter, ProcessStarter::onThread);
      next = started;
      started.whenComplete(
          (process, failure) -> {
            if (failure == null) {
              process.onEnd(() -> forget(started));
            } else {
              LOG.warn("No process can be started ahead of its need: {}", failure.getMessage());
              forget(started);
            }
          });
    }
  }

  /** Whatever has ended it may end the next one too: that is started at the next need. */
  private synchronized void forget(CompletableFuture<RuntimeProcess> ended) {
    if (next == ended) {
      next = null;
    }
  }

  /** The process, which is the caller's from now on. Blocks until it has started. */
  Optional<RuntimeProcess> take() {
    CompletableFuture<RuntimeProcess> taken;
    synchronized (this) {
      taken = next;
      next = null;
    }
    try {
      return Optional.ofNullable(taken)
          .map(CompletableFuture::join)
          .filter(RuntimeProcess::isAlive);
    } catch (CompletionException e) {
      LOG.debug("The process that was started ahead is not there", e);
      return Optional.empty();
    }
  }
}
