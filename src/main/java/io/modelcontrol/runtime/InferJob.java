package io.modelcontrol.runtime;

import io.modelcontrol.McpException;
import io.modelcontrol.ModelId;
import io.modelcontrol.Tensor;
import io.modelcontrol.telemetry.Telemetry;
import io.modelcontrol.telemetry.TraceContext;
import io.modelcontrol.wire.Message;
import io.netty.channel.EventLoop;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** A single request: one turn, one answer, from the worker, a cancel or the deadline. */
final class InferJob extends Job {
  private final Message request;
  private final long deadlineNanos;
  private final EventLoop caller;
  private final Consumer<Message> reply;
  private final CallActivity activity;
  private final TurnActivity turn;
  private final AtomicBoolean answered = new AtomicBoolean();
  private final int rows;
  private Message answer;

  /** Null once it has told the key, and where nothing is joined. */
  private BatchPlan planOrNull;

  /** Null until somebody asks for it, and where there is none. */
  private BatchKey batchKeyOrNull;

  /**
   * A job.
   *
   * @param id the model that was asked
   * @param plan tells with which others it can be joined; null for none
   * @param deadlineNanos on the node's clock
   * @param caller where the answer is awaited; null if that is not known
   * @param telemetry is told of the time in the queue and of the run
   * @param reply takes the answer over; called on the caller's event loop, if it is known
   */
  InferJob(
      String callId,
      ModelId id,
      Message request,
      BatchPlan plan,
      long deadlineNanos,
      EventLoop caller,
      Telemetry telemetry,
      Consumer<Message> reply) {
    super(callId, false);
    this.request = request;
    this.deadlineNanos = deadlineNanos;
    this.planOrNull = plan;
    this.rows = plan == null ? 1 : plan.rows(request.tensors());
    this.caller = caller;
    this.reply = reply;
    this.activity = new CallActivity(telemetry, id, request);
    this.turn = new TurnActivity(activity, activity.context());
  }

  @Override
  Outcome run(ModelExecution execution) {
    answer = execution.infer(request, control(), turn.runsAlone());
    activity.end(turn.end(answer));
    return Outcome.DONE;
  }

  Message request() {
    return request;
  }

  /** Found out when others wait as well; by one thread at a time. */
  @Override
  BatchKey batchKeyOrNull() {
    if (planOrNull != null) {
      batchKeyOrNull = planOrNull.keyOrNull(request.tensors(), request.requestedOutputs());
      planOrNull = null;
    }
    return batchKeyOrNull;
  }

  @Override
  Batcher.Share share(long nowNanos) {
    long bytes = 0;
    for (Tensor tensor : request.tensors()) {
      bytes += tensor.byteLength();
    }
    return new Batcher.Share(rows, bytes, nowNanos, deadlineNanos);
  }

  /** Along dimension 0. */
  int rows() {
    return rows;
  }

  /** What its work is told of as part of. */
  TraceContext context() {
    return activity.context();
  }

  /** It runs with others. */
  void joins(int batchRows) {
    turn.joins(batchRows);
  }

  /** The answer of a run with others; takes it over. */
  void answer(Message fromBatch) {
    answer = fromBatch;
    activity.end(turn.end(answer));
  }

  /** Its caller does not wait for the others. */
  @Override
  void endedWithinBatch() {
    try {
      control().check();
    } catch (McpException why) {
      if (answered.compareAndSet(false, true)) {
        refused(why);
        sendAtOnce(Message.error(why));
      }
    }
  }

  @Override
  void finish(Replies replies) {
    request.release();
    if (!answered.compareAndSet(false, true)) {
      answer.release();
    } else if (caller == null) {
      reply.accept(answer);
    } else {
      replies.send(caller, () -> reply.accept(answer));
    }
  }

  /** There is no place for it; whoever made it answers. */
  void refused(McpException why) {
    turn.refuse(why);
    activity.end(why);
  }

  @Override
  void ended(McpException why) {
    refused(why);
    request.release();
    sendAtOnce(Message.error(why));
  }

  private void sendAtOnce(Message error) {
    if (caller == null) {
      reply.accept(error);
    } else {
      caller.execute(() -> reply.accept(error));
    }
  }

  @Override
  boolean isOverdue(long nowNanos) {
    return nowNanos - deadlineNanos >= 0;
  }
}
