package io.modelcontrol.runtime;

import io.modelcontrol.McpException;
import io.modelcontrol.ModelId;
import io.modelcontrol.telemetry.Activity;
import io.modelcontrol.telemetry.Operation;
import io.modelcontrol.telemetry.Telemetry;
import io.modelcontrol.telemetry.TraceContext;
import io.modelcontrol.wire.Message;

/**
 * What is told of a call on the node of its model: the whole of it, and as parts of that each wait
 * for a worker and each run. Thread-safe, as activities are.
 */
final class CallActivity {
  private final Telemetry telemetry;
  private final ModelId id;
  private final Activity dispatch;

  /** A call has arrived with this request, for this model. */
  CallActivity(Telemetry telemetry, ModelId id, Message request) {
    this.telemetry = telemetry;
    this.id = id;
    this.dispatch =
        telemetry
            .start(Operation.DISPATCH, request.traceparent(), request.tracestate())
            .tag("model", id.name());
  }

  /** What its parts belong to; null where nothing is traced. */
  TraceContext context() {
    return dispatch.context();
  }

  /** It waits for a worker. */
  Activity waits() {
    return waits(context());
  }

  /** As {@link #waits()}, where a later message of the call brought a context of its own. */
  Activity waits(TraceContext parentOrNull) {
    return telemetry.start(Operation.QUEUE, parentOrNull).tag("model", id.name());
  }

  /** It is about to run. */
  Activity runs(TraceContext parentOrNull) {
    return telemetry
        .start(Operation.RUNTIME, parentOrNull)
        .tag("model", id.name())
        .tag("version", id.version());
  }

  /** It is about to run with others. */
  Activity joins(TraceContext parentOrNull, int batchRows) {
    return telemetry
        .start(Operation.BATCH, parentOrNull)
        .tag("model", id.name())
        .tag("rows", Integer.toString(batchRows));
  }

  /** The call is over; its error, if there was one, has been told of where it began. */
  void end(McpException errorOrNull) {
    if (errorOrNull == null) {
      dispatch.end();
    } else {
      dispatch.passOn(errorOrNull);
    }
  }

  /** The call was ended for this reason, between its runs. */
  void fail(McpException why) {
    dispatch.fail(why);
  }
}
