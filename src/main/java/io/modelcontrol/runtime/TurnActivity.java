package io.modelcontrol.runtime;

import io.modelcontrol.McpException;
import io.modelcontrol.telemetry.Activity;
import io.modelcontrol.telemetry.TraceContext;
import io.modelcontrol.wire.Message;

/**
 * What is told of one request's way through a worker: its wait, then its run, alone or with others.
 * Only one thread has it at a time.
 */
final class TurnActivity {
  private final CallActivity call;
  private final TraceContext parentOrNull;
  private final Activity queued;
  private Activity run = Activity.NONE;
  private boolean alone;

  /** It waits from now on. */
  TurnActivity(CallActivity call, TraceContext parentOrNull) {
    this.call = call;
    this.parentOrNull = parentOrNull;
    this.queued = call.waits(parentOrNull);
  }

  /**
   * It runs for itself, also after a run with others that came to nothing; what that is told as.
   */
  TraceContext runsAlone() {
    queued.end();
    run.end();
    run = call.runs(parentOrNull);
    alone = true;
    return run.context();
  }

  /** It runs with others. */
  void joins(int rows) {
    queued.end();
    run = call.joins(parentOrNull, rows);
  }

  /** It is answered; returns the answer's error, null if it has none. */
  McpException end(Message answer) {
    queued.end();
    if (!answer.status().isError()) {
      run.end();
      return null;
    }
    McpException error = McpException.streamError(answer.status(), answer.statusText());
    if (alone) {
      run.fail(error);
    } else {
      run.passOn(error);
    }
    return error;
  }

  /** It is ended while it waits. */
  void refuse(McpException why) {
    queued.fail(why);
  }
}
