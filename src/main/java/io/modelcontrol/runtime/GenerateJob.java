package io.modelcontrol.runtime;

import io.modelcontrol.McpException;
import io.modelcontrol.Tensor;
import io.modelcontrol.telemetry.Activity;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageType;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * A generation: a turn for each token, so that those who generate at a time share the workers.
 * Parked while its caller wants no token. Contract 3, Generate.
 */
final class GenerateJob extends StreamingJob {
  /** The tensor that carries a token. */
  private static final String TOKEN = "token";

  private final CallActivity activity;
  private final Activity queued;
  private final Generation generation;
  private final long deadlineNanos;
  private final Consumer<Message> event;
  private final AtomicLong demand;
  private SequenceState state;
  private Message last;

  /**
   * A job.
   *
   * @param activity of all of it
   * @param deadlineNanos on the node's clock
   * @param demand tokens that the caller wants at first
   * @param event sends the opener a token
   * @param lastEvent sends the opener what ends the call
   */
  GenerateJob(
      String callId,
      CallActivity activity,
      Generation generation,
      long deadlineNanos,
      long demand,
      Consumer<Message> event,
      Consumer<Message> lastEvent) {
    super(callId, false, lastEvent);
    this.activity = activity;
    this.queued = activity.waits();
    this.generation = generation;
    this.deadlineNanos = deadlineNanos;
    this.demand = new AtomicLong(demand);
    this.event = event;
  }

  /** The caller wants so many tokens more; who gives credit wakes the job. */
  void credit(long tokens) {
    demand.addAndGet(tokens);
  }

  @Override
  Outcome run(ModelExecution execution) {
    queued.end();
    try {
      control().check();
      if (demand.get() <= 0) {
        return Outcome.PARKED;
      }
      if (state == null) {
        state = execution.newState();
      }
      return produce();
    } catch (RuntimeException | Error e) {
      McpException error = execution.failed(e);
      activity.fail(error);
      last = Message.error(error);
      return Outcome.DONE;
    }
  }

  private Outcome produce() {
    long token = next();
    if (token == Generation.STOP) {
      return finished("stop");
    }
    boolean more = demand.decrementAndGet() > 0;
    event.accept(
        Message.of(MessageType.INFERENCE_RESULT)
            .tensor(Tensor.of(TOKEN, new long[] {token}))
            .chunkIndex(generation.produced() - 1));
    if (generation.isFull()) {
      return finished("length");
    }
    return more ? Outcome.AGAIN : Outcome.PARKED;
  }

  private long next() {
    Activity run = activity.runs(activity.context());
    try {
      long token = generation.next(state, control());
      run.end();
      return token;
    } catch (RuntimeException | Error e) {
      run.fail(e);
      activity.end(McpException.of(e));
      throw e;
    }
  }

  private Outcome finished(String reason) {
    activity.end(null);
    last =
        Message.of(MessageType.INFERENCE_RESULT)
            .parameter("finish-reason", reason)
            .parameter("tokens", Integer.toString(generation.produced()));
    return Outcome.DONE;
  }

  @Override
  void finish(Replies replies) {
    closeState();
    sendLast(last);
  }

  @Override
  void ended(McpException why) {
    closeState();
    queued.fail(why);
    activity.end(why);
    sendLast(Message.error(why));
  }

  private void closeState() {
    if (state != null) {
      state.close();
    }
  }

  @Override
  boolean isOverdue(long nowNanos) {
    return nowNanos - deadlineNanos >= 0;
  }
}
