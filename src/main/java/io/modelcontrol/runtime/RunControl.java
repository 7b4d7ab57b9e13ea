package io.modelcontrol.runtime;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;

/**
 * Ends one run early: the caller's cancel and the deadline on one side, the runtime's way to stop
 * on the other. Thread-safe; the first reason wins.
 */
public final class RunControl {
  private final AtomicReference<ErrorCode> reason = new AtomicReference<>();
  private Runnable terminator;

  /**
   * Does a run that is ended with DEADLINE_EXCEEDED after a while. Blocks until it has ended.
   *
   * @param run what it returns is returned
   */
  static <T> T limited(long timeoutMs, Function<RunControl, T> run) {
    RunControl control = new RunControl();
    CompletableFuture<Void> done = new CompletableFuture<>();
    done.orTimeout(timeoutMs, TimeUnit.MILLISECONDS)
        .whenComplete(
            (v, late) -> {
              if (late != null) {
                control.end(ErrorCode.DEADLINE_EXCEEDED);
              }
            });
    try {
      return run.apply(control);
    } finally {
      done.complete(null);
    }
  }

  /**
   * Asks the run to end. Has no effect after a first call.
   *
   * @param why REQUEST_CANCELED, DEADLINE_EXCEEDED, IDLE_TIMEOUT or MODEL_NOT_READY
   */
  public void end(ErrorCode why) {
    if (reason.compareAndSet(null, why)) {
      synchronized (this) {
        if (terminator != null) {
          terminator.run();
        }
      }
    }
  }

  public boolean isEnded() {
    return reason.get() != null;
  }

  /**
   * Registers how to stop what is running; called at once if the run was already ended. The
   * terminator is never called after {@link #clearTerminator()} has returned.
   */
  public synchronized void onEnd(Runnable newTerminator) {
    terminator = newTerminator;
    if (isEnded()) {
      newTerminator.run();
    }
  }

  /** Called by the runtime when nothing is left to stop. */
  public synchronized void clearTerminator() {
    terminator = null;
  }

  /**
   * Throws if the run was ended.
   *
   * @throws McpException with the reason of {@link #end}
   */
  public void check() {
    ErrorCode why = reason.get();
    if (why != null) {
      throw McpException.streamError(
          why,
          switch (why) {
            case DEADLINE_EXCEEDED -> "the deadline passed while the model was running";
            case MODEL_NOT_READY -> "the model is being unloaded";
            case IDLE_TIMEOUT -> "nothing was heard of the caller for too long";
            default -> "the request was canceled while the model was running";
          });
    }
  }
}
