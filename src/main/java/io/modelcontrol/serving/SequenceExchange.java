package io.modelcontrol.serving;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.server.McpServerRequest;
import io.modelcontrol.session.transport.McpStream;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageType;
import io.vertx.core.Promise;

/**
 * One stream of steps: each is answered before the next one is read, so that a client that does not
 * read its answers makes nobody compute. Contract 3, Sequence. On the session's context.
 */
final class SequenceExchange {
  private final StreamingHandler handler;
  private final McpServerRequest request;
  private final McpStream stream;
  private final boolean single;
  private final String key;
  private final SequenceCall sequence;

  /** The place on the session is free when no step runs any more. */
  private final Promise<Void> left = Promise.promise();

  private long index;
  private boolean busy;
  private boolean lastStep;
  private boolean inboundEnded;
  private boolean waitsForDrain;
  private boolean done;

  /**
   * An exchange; the sequence is new, or the one that the first message names.
   *
   * @param single whether the stream has one step alone
   * @throws McpException UPDATE_CONFLICT if another stream uses the sequence, or what the table
   *     throws
   */
  SequenceExchange(StreamingHandler handler, McpServerRequest request, boolean single) {
    this.handler = handler;
    this.request = request;
    this.single = single;
    stream = request.stream();
    Message first = request.message();
    boolean named = first.sequenceId() != null;
    key = named ? SequenceTable.key(first) : null;
    sequence =
        named
            ? handler.sequences().find(request.session(), first)
            : new SequenceCall(handler, first, request.session().identity());
    if (!sequence.take(this::fail)) {
      throw McpException.streamError(
          ErrorCode.UPDATE_CONFLICT, "another stream of the session uses the sequence");
    }
  }

  void begin() {
    if (!single) {
      stream.pause();
      stream.handler(this::onStep);
      stream.endHandler(v -> onEnd());
      stream.drainHandler(v -> onDrained());
    }
    stream.exceptionHandler(canceled -> cancel());
    request.occupy(left.future());
    onStep(request.message());
  }

  private void onStep(Message step) {
    if (done) {
      step.release();
      return;
    }
    try {
      check(step);
    } catch (McpException e) {
      step.release();
      fail(e);
      return;
    }
    busy = true;
    lastStep = "true".equals(step.parameters().get("sequence-end"));
    sequence.step(step).onComplete(this::onAnswer, this::onFailure);
  }

  private void check(Message step) {
    if (!single && step.standardType() != MessageType.INFERENCE_STREAM) {
      throw invalid("INFERENCE_STREAM was expected, came " + step);
    }
    if (!single && step.chunkIndex() >= 0 && step.chunkIndex() != index) {
      throw invalid("chunk index " + index + " was expected, came " + step.chunkIndex());
    }
  }

  private static McpException invalid(String text) {
    return McpException.streamError(ErrorCode.INVALID_ARGUMENT, text);
  }

  private void onAnswer(Message answer) {
    busy = false;
    if (done) {
      left.tryComplete();
      answer.release();
      return;
    }
    boolean failed = answer.standardType() != MessageType.INFERENCE_RESULT;
    if (!single || failed) {
      answer.chunkIndex(index);
    }
    index++;
    if (failed || lastStep) {
      finish();
      forget();
      request.reply(answer);
    } else if (single) {
      finish();
      request.reply(answer);
    } else {
      stream.write(answer);
      readOn();
    }
  }

  private void onFailure(Throwable failure) {
    busy = false;
    if (done) {
      left.tryComplete();
    } else {
      fail(McpException.of(failure));
    }
  }

  private void readOn() {
    if (inboundEnded) {
      finish();
      if (key == null) {
        sequence.close();
      }
      stream.end();
    } else if (stream.writeQueueFull()) {
      waitsForDrain = true;
    } else {
      stream.fetch(1);
    }
  }

  private void onDrained() {
    if (waitsForDrain && !done) {
      waitsForDrain = false;
      readOn();
    }
  }

  private void onEnd() {
    inboundEnded = true;
    if (!busy && !done) {
      readOn();
    }
  }

  private void fail(McpException error) {
    if (done) {
      return;
    }
    finish();
    if (sequence.endedOrNull() == null) {
      sequence.close();
    }
    forget();
    Message status = Message.error(error);
    request.reply(single ? status : status.chunkIndex(index));
  }

  /** The client has gone: a step that runs is lost with its state, a sequence with an id is not. */
  private void cancel() {
    if (done) {
      return;
    }
    finish();
    if (key == null || busy) {
      sequence.close();
      forget();
    }
  }

  private void forget() {
    sequence.forget();
    if (key != null) {
      handler.sequences().remove(request.session(), key, sequence);
    }
  }

  private void finish() {
    done = true;
    sequence.leave();
    if (!busy) {
      left.tryComplete();
    }
    if (!single) {
      stream.handler(Message::release);
      stream.resume();
    }
  }
}
