package io.modelcontrol.runtime;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.wire.Message;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * One inference request on its way through a model's queue and worker. Answered exactly once, from
 * whichever thread comes first: the worker, a cancel, or the deadline.
 */
final class Job {
  private final String callId;
  private final Message request;
  private final long deadlineNanos;
  private final Consumer<Message> reply;
  private final RunControl control = new RunControl();
  private final AtomicBoolean started = new AtomicBoolean();

  /**
   * @param callId names it for a cancel
   * @param deadlineNanos on the node's clock
   * @param reply takes the answer over
   */
  Job(String callId, Message request, long deadlineNanos, Consumer<Message> reply) {
    this.callId = callId;
    this.request = request;
    this.deadlineNanos = deadlineNanos;
    this.reply = reply;
  }

  String callId() {
    return callId;
  }

  Message request() {
    return request;
  }

  RunControl control() {
    return control;
  }

  boolean isOverdue(long nowNanos) {
    return nowNanos - deadlineNanos >= 0;
  }

  /** Claims the job for a worker; false if it was ended while it waited. */
  boolean start() {
    return started.compareAndSet(false, true);
  }

  /** Answers; called by whoever claimed the job, once. */
  void answer(Message answer) {
    request.release();
    reply.accept(answer);
  }

  /**
   * Ends the job early: what waits is answered at once, what runs is told to stop.
   *
   * @return whether it was still waiting, so that its place is free
   */
  boolean end(ErrorCode why) {
    if (start()) {
      answer(Message.error(McpException.streamError(why, beforeStart(why))));
      return true;
    }
    control.end(why);
    return false;
  }

  private static String beforeStart(ErrorCode why) {
    return switch (why) {
      case DEADLINE_EXCEEDED -> "the deadline passed before a worker was free";
      case SERVICE_UNAVAILABLE -> "the model's workers have stopped";
      default -> "the request was canceled before a worker was free";
    };
  }
}
