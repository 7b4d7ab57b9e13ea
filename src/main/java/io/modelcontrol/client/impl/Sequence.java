package io.modelcontrol.client.impl;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.Tensor;
import io.modelcontrol.client.InferenceResult;
import io.modelcontrol.client.McpSequence;
import io.modelcontrol.client.SequenceRequest;
import io.modelcontrol.session.transport.McpStream;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageType;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayDeque;
import java.util.List;

/**
 * INFERENCE_STREAM as a sequence: steps go out as they are asked for, answers come back in order,
 * and the first error is that of all the rest. Contract 3, mode {@code sequence}.
 */
final class Sequence extends Exchange implements McpSequence {
  /** A step that was sent. */
  private record Step(long index, Promise<InferenceResult> answer, long timer) {}

  private final SequenceRequest request;
  private final long stepTimeoutMs;
  private final Promise<McpSequence> opened;
  private final Promise<Void> ended;
  private final ArrayDeque<Step> pending = new ArrayDeque<>();
  private long nextIndex;
  private boolean outboundEnded;
  private McpException over;

  /**
   * @param timeoutMs until a stream is free, and of a step that brings no time of its own
   */
  Sequence(
      ClientConnection connection,
      SequenceRequest request,
      long timeoutMs,
      Promise<McpSequence> opened) {
    super(connection, timeoutMs);
    this.request = request;
    this.stepTimeoutMs = request.stepTimeoutMs() > 0 ? request.stepTimeoutMs() : timeoutMs;
    this.opened = opened;
    this.ended = connection.context().promise();
  }

  @Override
  void opened(McpStream stream) {
    withoutTimeout();
    stream.handler(this::onAnswer);
    stream.endHandler(v -> onServerEnd());
    opened.complete(this);
  }

  @Override
  public Future<InferenceResult> step(List<Tensor> inputs, long timeoutMs) {
    if (timeoutMs < 0) {
      throw new IllegalArgumentException("timeoutMs must not be negative: " + timeoutMs);
    }
    return send(List.copyOf(inputs), timeoutMs > 0 ? timeoutMs : stepTimeoutMs, false);
  }

  @Override
  public Future<InferenceResult> last(Tensor... inputs) {
    return send(List.of(inputs), stepTimeoutMs, true);
  }

  private Future<InferenceResult> send(List<Tensor> inputs, long timeoutMs, boolean last) {
    Promise<InferenceResult> answer = callerPromise();
    connection.context().execute(v -> send(inputs, timeoutMs, last, answer));
    return answer.future();
  }

  private <T> Promise<T> callerPromise() {
    return connection.context().owner().getOrCreateContext().promise();
  }

  private void send(
      List<Tensor> inputs, long timeoutMs, boolean last, Promise<InferenceResult> answer) {
    McpException refusal = refusal();
    if (refusal != null) {
      answer.fail(refusal);
      return;
    }
    long index = nextIndex++;
    Message message = message(inputs, index).timeoutMs(timeoutMs);
    long timer =
        connection
            .context()
            .setTimer(timeoutMs + GRACE_MS, id -> abandon(noAnswer(index, timeoutMs)));
    pending.add(new Step(index, answer, timer));
    if (last) {
      outboundEnded = true;
      message.parameter("sequence-end", "true");
    }
    (last ? stream().end(message) : stream().write(message))
        .onFailure(failure -> abandon(McpException.of(failure)));
  }

  private McpException refusal() {
    if (over != null) {
      return over;
    }
    if (outboundEnded) {
      return McpException.streamError(ErrorCode.STREAM_CLOSED, "the sequence was ended");
    }
    return pending.size() < MAX_PENDING_STEPS
        ? null
        : McpException.streamError(
            ErrorCode.OVERLOADED, MAX_PENDING_STEPS + " steps wait for their results already");
  }

  private Message message(List<Tensor> inputs, long index) {
    Message message = Message.of(MessageType.INFERENCE_STREAM).chunkIndex(index);
    inputs.forEach(input -> message.tensor(input.retain()));
    if (index > 0) {
      return message;
    }
    request.parameters().forEach(message::parameter);
    request.outputs().forEach(message::requestedOutput);
    return message
        .modelName(request.model())
        .modelVersion(request.version())
        .sequenceId(request.sequenceId())
        .traceparent(request.traceparent())
        .parameter("mode", "sequence");
  }

  private void onAnswer(Message pooled) {
    Message answer = pooled.toHeap();
    McpException error = answer.toException();
    Step step = pending.peek();
    if (isDone()) {
      return;
    }
    if (error != null) {
      close(error);
    } else if (step == null || !answers(answer, step)) {
      abandon(
          McpException.streamError(
              ErrorCode.PROTOCOL_ERROR,
              (step == null ? "nothing" : "the result of step " + step.index())
                  + " was expected, came "
                  + answer
                  + (answer.chunkIndex() < 0 ? "" : " of step " + answer.chunkIndex())));
    } else {
      pending.poll();
      connection.context().owner().cancelTimer(step.timer());
      step.answer()
          .complete(
              new InferenceResult(answer.tensors(), answer.parameters(), answer.modelVersion()));
    }
  }

  private static boolean answers(Message answer, Step step) {
    return answer.standardType() == MessageType.INFERENCE_RESULT
        && (answer.chunkIndex() < 0 || answer.chunkIndex() == step.index());
  }

  private void onServerEnd() {
    if (isDone()) {
      return;
    }
    if (!pending.isEmpty()) {
      close(
          McpException.streamError(
              ErrorCode.PROTOCOL_ERROR,
              "the server ended the sequence with " + pending.size() + " steps unanswered"));
    } else if (outboundEnded) {
      finish();
      over = McpException.streamError(ErrorCode.STREAM_CLOSED, "the sequence was ended");
      ended.complete();
    } else {
      close(McpException.streamError(ErrorCode.STREAM_CLOSED, "the server ended the sequence"));
    }
  }

  /** Ends the sequence with an error of a server that has ended its side, or is about to. */
  private void close(McpException error) {
    if (finish()) {
      endOutbound();
      stream().handler(Message::release);
      failed(error);
    }
  }

  private void endOutbound() {
    if (!outboundEnded) {
      outboundEnded = true;
      stream().end();
    }
  }

  @Override
  void failed(McpException error) {
    over = error;
    opened.tryFail(error);
    for (Step step : pending) {
      connection.context().owner().cancelTimer(step.timer());
      step.answer().fail(error);
    }
    pending.clear();
    ended.tryFail(error);
  }

  @Override
  public Future<Void> end() {
    Promise<Void> done = callerPromise();
    connection
        .context()
        .execute(
            v -> {
              endOutbound();
              if (nextIndex == 0 && finish()) {
                // The server never heard of this stream.
                over = McpException.streamError(ErrorCode.STREAM_CLOSED, "the sequence was ended");
                ended.complete();
              }
              ended.future().onComplete(done);
            });
    return done.future();
  }

  @Override
  public void cancel() {
    connection.context().execute(v -> cancelNow());
  }

  private static McpException noAnswer(long index, long timeoutMs) {
    return McpException.streamError(
        ErrorCode.DEADLINE_EXCEEDED, "no result of step " + index + " within " + timeoutMs + " ms");
  }
}
