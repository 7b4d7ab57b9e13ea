package io.modelcontrol.client.impl;

import io.modelcontrol.DataType;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.Tensor;
import io.modelcontrol.client.GeneratedToken;
import io.modelcontrol.client.GenerationEnd;
import io.modelcontrol.client.GenerationRequest;
import io.modelcontrol.client.McpGeneration;
import io.modelcontrol.session.transport.McpStream;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageType;
import io.vertx.core.Promise;
import java.util.concurrent.TimeUnit;

/**
 * A request that is answered token by token. Contract 3, mode {@code generate}: the server sends
 * the results below an index that rises as the reader takes them.
 */
final class Generation extends Exchange {
  private static final String FINISH_REASON = "finish-reason";
  private static final String TOKENS = "tokens";

  /** Absent would mean the server's time for a short request; this is cut to its longest. */
  private static final long NO_TIMEOUT_MS = TimeUnit.DAYS.toMillis(1);

  private final boolean ownTimeout;
  private final Promise<McpGeneration> opened;
  private final TokenStream tokens;
  private Message message;
  private long nextIndex;
  private long allowed;

  /**
   * @param message the request, taken over
   * @param timeoutMs until the first token, where the request brings no time of its own
   */
  Generation(
      ClientConnection connection,
      GenerationRequest request,
      Message message,
      long timeoutMs,
      TokenStream tokens,
      Promise<McpGeneration> opened) {
    super(connection, request.timeoutMs() > 0 ? request.timeoutMs() : timeoutMs);
    this.ownTimeout = request.timeoutMs() > 0;
    this.message = message.parameter("window", Integer.toString(request.window()));
    this.allowed = request.window();
    this.tokens = tokens;
    this.opened = opened;
  }

  @Override
  void opened(McpStream stream) {
    Message sent = message;
    message = null;
    sent.timeoutMs(ownTimeout ? remainingMs() : NO_TIMEOUT_MS);
    stream.handler(this::onAnswer);
    stream.endHandler(v -> close(unexpected("the server ended the stream before the generation")));
    stream.write(sent).onFailure(failure -> abandon(McpException.of(failure)));
  }

  /** The reader has taken more: results below this index may be sent. */
  void allow(long index) {
    if (!isDone()) {
      allowed = index;
      stream().write(Message.of(MessageType.INFERENCE_STREAM).chunkIndex(index));
    }
  }

  private void onAnswer(Message pooled) {
    Message answer = pooled.toHeap();
    McpException error = answer.toException();
    if (isDone()) {
      return;
    }
    if (error != null) {
      close(error);
    } else if (answer.standardType() != MessageType.INFERENCE_RESULT) {
      abandon(unexpected("INFERENCE_RESULT was expected, came " + answer));
    } else if (answer.parameters().containsKey(FINISH_REASON)) {
      onEnd(answer);
    } else {
      onToken(answer);
    }
  }

  private void onToken(Message answer) {
    if (nextIndex == allowed) {
      abandon(
          McpException.streamError(
              ErrorCode.FLOW_CONTROL,
              "result " + nextIndex + " came, those below " + allowed + " were allowed"));
      return;
    }
    Tensor token = answer.tensors().isEmpty() ? null : answer.tensors().get(0);
    boolean inOrder = answer.chunkIndex() < 0 || answer.chunkIndex() == nextIndex;
    if (!inOrder || token == null || token.dataType() != DataType.INT64 || token.elements() != 1) {
      abandon(unexpected("one INT64 as result " + nextIndex + " was expected, came " + answer));
      return;
    }
    tokens.add(new GeneratedToken(nextIndex++, token.bytes().getLong(0)));
    begun();
  }

  private void onEnd(Message answer) {
    if (finish()) {
      stream().end();
      tokens.end(new GenerationEnd(answer.parameters().get(FINISH_REASON), count(answer)));
      begun();
    }
  }

  /** Tells the tokens' reader of them, once; from here on the reader's pace is that of the call. */
  private void begun() {
    if (opened.tryComplete(tokens) && !ownTimeout && !isDone()) {
      withoutTimeout();
    }
  }

  /** As the server tells; what has come is as true where it does not. */
  private long count(Message answer) {
    try {
      return Long.parseLong(answer.parameters().getOrDefault(TOKENS, Long.toString(nextIndex)));
    } catch (NumberFormatException e) {
      return nextIndex;
    }
  }

  /** Ends with an error of a server that has ended its side. */
  private void close(McpException error) {
    if (finish()) {
      stream().end();
      stream().handler(Message::release);
      failed(error);
    }
  }

  @Override
  void failed(McpException error) {
    if (message != null) {
      message.release();
      message = null;
    }
    opened.tryFail(error);
    tokens.fail(error);
  }

  private static McpException unexpected(String what) {
    return McpException.streamError(ErrorCode.PROTOCOL_ERROR, what);
  }
}
