package io.modelcontrol.runtime;

import io.modelcontrol.McpException;
import io.modelcontrol.wire.Message;
import java.util.function.Consumer;

/** A single request: one turn, one answer, from the worker, a cancel or the deadline. */
final class InferJob extends Job {
  private final Message request;
  private final long deadlineNanos;
  private final Consumer<Message> reply;
  private Message answer;

  /**
   * A job.
   *
   * @param deadlineNanos on the node's clock
   * @param reply takes the answer over
   */
  InferJob(String callId, Message request, long deadlineNanos, Consumer<Message> reply) {
    super(callId, false);
    this.request = request;
    this.deadlineNanos = deadlineNanos;
    this.reply = reply;
  }

  @Override
  Outcome run(ModelExecution execution) {
    answer = execution.infer(request, control());
    return Outcome.DONE;
  }

  @Override
  void finish() {
    answer(answer);
  }

  @Override
  void ended(McpException why) {
    answer(Message.error(why));
  }

  private void answer(Message message) {
    request.release();
    reply.accept(message);
  }

  @Override
  boolean isOverdue(long nowNanos) {
    return nowNanos - deadlineNanos >= 0;
  }
}
