package io.modelcontrol.runtime;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.Tensor;
import io.modelcontrol.telemetry.TraceContext;
import io.modelcontrol.wire.Message;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * A sequence: steps that share a state, a turn for each, in the order of their arrival. Parked
 * while none waits. A step that fails ends it.
 */
final class SequenceJob extends StreamingJob {
  /** Steps of one sequence that may wait; a caller that waits for answers has one. */
  private static final int MAX_WAITING = 16;

  /** Parameter of a step: {@code true} on the last one. */
  private static final String END = "sequence-end";

  /** One step, on its way to its answer. */
  record Step(Message request, long deadlineNanos, TurnActivity activity, Consumer<Message> reply) {
    private void answer(Message answer) {
      request.release();
      reply.accept(answer);
    }

    private void refuse(McpException why) {
      activity.refuse(why);
      answer(Message.error(why));
    }
  }

  private final Queue<Step> steps = new ConcurrentLinkedQueue<>();
  private final AtomicInteger waiting = new AtomicInteger();
  private final CallActivity activity;
  private final StepPlan plan;
  private volatile Step running;
  private boolean begun;
  private SequenceState state;

  /**
   * A sequence without a step.
   *
   * @param plan tells with which others its steps can be joined
   * @param activity of all of it
   */
  SequenceJob(String callId, StepPlan plan, CallActivity activity, Consumer<Message> lastEvent) {
    super(callId, true, lastEvent);
    this.plan = plan;
    this.activity = activity;
  }

  /**
   * Takes a step in; the caller wakes the job. On the host's context.
   *
   * @param reply takes the answer over
   * @return false if too many wait
   */
  boolean offer(Message request, long deadlineNanos, Consumer<Message> reply) {
    if (waiting.incrementAndGet() > MAX_WAITING) {
      waiting.decrementAndGet();
      return false;
    }
    TurnActivity turn = new TurnActivity(activity, parent(request));
    steps.add(new Step(request, deadlineNanos, turn, reply));
    return true;
  }

  /** The first step's own is that of the whole sequence; a later one may bring another. */
  private TraceContext parent(Message step) {
    TraceContext own = begun ? TraceContext.of(step.traceparent(), step.tracestate()) : null;
    begun = true;
    return own == null ? activity.context() : own;
  }

  @Override
  StepKey batchKeyOrNull() {
    Step next = steps.peek();
    if (next == null || !plan.joins()) {
      return null;
    }
    return plan.keyOrNull(next.request(), (CarriedState) state);
  }

  @Override
  Batcher.Share share(long nowNanos) {
    Step next = steps.peek();
    if (next == null) {
      return super.share(nowNanos);
    }
    long bytes = next.request().tensors().stream().mapToLong(Tensor::byteLength).sum();
    return new Batcher.Share(1, bytes, nowNanos, next.deadlineNanos());
  }

  @Override
  Outcome run(ModelExecution execution) {
    Step step = begin();
    return step == null ? withoutStep(execution) : alone(execution, step);
  }

  /** The step whose turn it is; null if there is none any more. */
  Step begin() {
    running = steps.poll();
    return running;
  }

  /** Runs a step that has begun for itself. */
  Outcome alone(ModelExecution execution, Step step) {
    return end(step, answer(execution, step, step.activity().runsAlone()));
  }

  /** A step has its answer, which this takes over. */
  Outcome end(Step step, Message answer) {
    McpException error = step.activity().end(answer);
    boolean last = error != null || "true".equals(step.request().parameters().get(END));
    running = null;
    waiting.decrementAndGet();
    if (last) {
      closeState();
      activity.end(error);
    }
    // A turn may still be claimed when the caller hears of this one: its next step is queued.
    step.answer(answer);
    if (last) {
      return Outcome.DONE;
    }
    return steps.isEmpty() && !control().isEnded() ? Outcome.PARKED : Outcome.AGAIN;
  }

  /** Woken by what ended it, or by a step that an earlier turn took. */
  Outcome withoutStep(ModelExecution execution) {
    try {
      control().check();
      return Outcome.PARKED;
    } catch (McpException e) {
      endActivity(e);
      sendLast(Message.error(execution.failed(e)));
      return Outcome.DONE;
    }
  }

  private Message answer(ModelExecution execution, Step step, TraceContext parentOrNull) {
    try {
      control().check();
      return execution.step(state(execution), step.request(), control(), parentOrNull);
    } catch (RuntimeException | Error e) {
      return Message.error(execution.failed(e));
    }
  }

  private SequenceState state(ModelExecution execution) {
    if (state == null) {
      state = execution.newState();
    }
    return state;
  }

  /** The state, of a model whose steps can be joined. */
  CarriedState carried(ModelExecution execution) {
    return (CarriedState) state(execution);
  }

  /** The answer of a run with others, or why this sequence was ended while it ran. */
  Message unlessEnded(ModelExecution execution, Message answer) {
    try {
      control().check();
      return answer;
    } catch (McpException e) {
      answer.release();
      return Message.error(execution.failed(e));
    }
  }

  @Override
  void finish(Replies replies) {
    closeState();
    refuseIfEnded();
  }

  /** Answers steps that came too late, which no turn will take. */
  void refuseIfEnded() {
    if (isEnded()) {
      answerAll(
          McpException.streamError(
              ErrorCode.STREAM_CLOSED, "the sequence has ended before this step"));
    }
  }

  @Override
  void ended(McpException why) {
    closeState();
    endActivity(why);
    if (!answerAll(why)) {
      sendLast(Message.error(why));
    }
  }

  private boolean answerAll(McpException error) {
    boolean any = false;
    Step step;
    while ((step = steps.poll()) != null) {
      step.refuse(error);
      any = true;
    }
    return any;
  }

  /** Most sequences are over when their caller says so. */
  private void endActivity(McpException why) {
    if (why.code() == ErrorCode.REQUEST_CANCELED) {
      activity.end(null);
    } else {
      activity.fail(why);
    }
  }

  private void closeState() {
    if (state != null) {
      state.close();
      state = null;
    }
  }

  @Override
  boolean isOverdue(long nowNanos) {
    Step now = running;
    Step next = now != null ? now : steps.peek();
    return next != null && nowNanos - next.deadlineNanos() >= 0;
  }
}
