package io.modelcontrol.serving;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.server.McpServerRequest;
import io.modelcontrol.wire.Message;
import io.vertx.core.Context;

/**
 * One client that waits for one inference: answered once, on the context of its session. Told by
 * the ledger, or by the run itself where the request is not in the ledger.
 */
final class InferenceCall extends IdempotencyLedger.Waiter<Message> {
  private static final long NO_TIMER = -1;

  private final InferenceHandler handler;
  private final McpServerRequest request;
  private final Context context;
  private final long deadlineNanos;
  private String runId;
  private long timer = NO_TIMER;

  /**
   * @param context of the request's session
   */
  InferenceCall(
      InferenceHandler handler, McpServerRequest request, Context context, long deadlineNanos) {
    this.handler = handler;
    this.request = request;
    this.context = context;
    this.deadlineNanos = deadlineNanos;
  }

  McpServerRequest request() {
    return request;
  }

  /** Milliseconds that are left, at least 1. */
  long remainingMs(long nowNanos) {
    return Math.max(1, (deadlineNanos - nowNanos) / 1_000_000);
  }

  /** Names the run that this call begins, for its cancel. */
  void runs(String newRunId) {
    runId = newRunId;
  }

  /** Waits for the run of another call, whose deadline may be later. */
  void waitAtMost(long ms) {
    timer = context.owner().setTimer(ms, id -> handler.onDeadline(this));
  }

  @Override
  void answered(Message answer) {
    onContext(() -> request.reply(answer));
  }

  @Override
  void failed(McpException error) {
    onContext(() -> request.fail(error));
  }

  void deadlinePassed() {
    request.fail(
        McpException.streamError(
            ErrorCode.DEADLINE_EXCEEDED, "the deadline passed before the answer came"));
  }

  /** Most answers come on the session's own context: they are sent from there at once. */
  private void onContext(Runnable action) {
    if (context == handler.currentContext()) {
      finish(action);
    } else {
      context.runOnContext(v -> finish(action));
    }
  }

  private void finish(Runnable action) {
    if (timer != NO_TIMER) {
      context.owner().cancelTimer(timer);
    }
    action.run();
  }

  @Override
  void cancelRun() {
    handler.cancel(runId);
  }
}
