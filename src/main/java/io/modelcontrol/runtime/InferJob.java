package io.modelcontrol.runtime;

import io.modelcontrol.McpException;
import io.modelcontrol.wire.Message;
import io.netty.channel.EventLoop;
import java.util.function.Consumer;

/** A single request: one turn, one answer, from the worker, a cancel or the deadline. */
final class InferJob extends Job {
  private final Message request;
  private final long deadlineNanos;
  private final EventLoop caller;
  private final Consumer<Message> reply;
  private Message answer;

  /**
   * A job.
   *
   * @param deadlineNanos on the node's clock
   * @param caller where the answer is awaited; null if that is not known
   * @param reply takes the answer over; called on the caller's event loop, if it is known
   */
  InferJob(
      String callId,
      Message request,
      long deadlineNanos,
      EventLoop caller,
      Consumer<Message> reply) {
    super(callId, false);
    this.request = request;
    this.deadlineNanos = deadlineNanos;
    this.caller = caller;
    this.reply = reply;
  }

  @Override
  Outcome run(ModelExecution execution) {
    answer = execution.infer(request, control());
    return Outcome.DONE;
  }

  @Override
  void finish(Replies replies) {
    request.release();
    if (caller == null) {
      reply.accept(answer);
    } else {
      replies.send(caller, () -> reply.accept(answer));
    }
  }

  @Override
  void ended(McpException why) {
    request.release();
    Message error = Message.error(why);
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
