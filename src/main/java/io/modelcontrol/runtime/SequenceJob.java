package io.modelcontrol.runtime;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageType;
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

  private record Step(Message request, long deadlineNanos, Consumer<Message> reply) {
    void answer(Message answer) {
      request.release();
      reply.accept(answer);
    }
  }

  private final Queue<Step> steps = new ConcurrentLinkedQueue<>();
  private final AtomicInteger waiting = new AtomicInteger();
  private volatile Step running;
  private SequenceState state;

  SequenceJob(String callId, Consumer<Message> lastEvent) {
    super(callId, true, lastEvent);
  }

  /**
   * Takes a step in; the caller wakes the job.
   *
   * @param reply takes the answer over
   * @return false if too many wait
   */
  boolean offer(Message request, long deadlineNanos, Consumer<Message> reply) {
    if (waiting.incrementAndGet() > MAX_WAITING) {
      waiting.decrementAndGet();
      return false;
    }
    steps.add(new Step(request, deadlineNanos, reply));
    return true;
  }

  @Override
  Outcome run(ModelExecution execution) {
    Step step = steps.poll();
    if (step == null) {
      return withoutStep(execution);
    }
    running = step;
    Message answer = answer(execution, step);
    boolean last =
        answer.standardType() != MessageType.INFERENCE_RESULT
            || "true".equals(step.request().parameters().get(END));
    running = null;
    waiting.decrementAndGet();
    if (last) {
      closeState();
    }
    // A turn may still be claimed when the caller hears of this one: its next step is queued.
    step.answer(answer);
    if (last) {
      return Outcome.DONE;
    }
    return steps.isEmpty() && !control().isEnded() ? Outcome.PARKED : Outcome.AGAIN;
  }

  /** Woken by what ended it, or by a step that an earlier turn took. */
  private Outcome withoutStep(ModelExecution execution) {
    try {
      control().check();
      return Outcome.PARKED;
    } catch (McpException e) {
      sendLast(Message.error(execution.failed(e)));
      return Outcome.DONE;
    }
  }

  private Message answer(ModelExecution execution, Step step) {
    try {
      control().check();
      if (state == null) {
        state = execution.newState();
      }
      return execution.step(state, step.request(), control());
    } catch (RuntimeException e) {
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
    if (!answerAll(why)) {
      sendLast(Message.error(why));
    }
  }

  private boolean answerAll(McpException error) {
    boolean any = false;
    Step step;
    while ((step = steps.poll()) != null) {
      step.answer(Message.error(error));
      any = true;
    }
    return any;
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
