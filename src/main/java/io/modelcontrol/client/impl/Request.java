package io.modelcontrol.client.impl;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.session.transport.McpStream;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageType;
import io.vertx.core.Promise;

/** One message there, one message back. */
final class Request extends Exchange {
  private final Promise<Message> answer;
  private Message message;

  /**
   * @param message taken over
   */
  Request(ClientConnection connection, long timeoutMs, Message message, Promise<Message> answer) {
    super(connection, timeoutMs);
    this.message = message;
    this.answer = answer;
  }

  @Override
  void opened(McpStream stream) {
    Message sent = message;
    message = null;
    if (sent.standardType() == MessageType.INFERENCE_REQ) {
      sent.timeoutMs(remainingMs());
    }
    stream.handler(this::onAnswer);
    stream.endHandler(v -> fail(noAnswer()));
    stream.end(sent).onFailure(failure -> abandon(McpException.of(failure)));
  }

  private void onAnswer(Message pooled) {
    Message received = pooled.toHeap();
    McpException error = received.toException();
    if (error != null) {
      abandonStream(error);
    } else if (finish()) {
      endStream();
      answer.complete(received);
    }
  }

  private void abandonStream(McpException error) {
    if (finish()) {
      endStream();
      failed(error);
    }
  }

  /** A server that would say more after its answer is not listened to. */
  private void endStream() {
    if (!stream().isInboundEnded()) {
      stream().handler(Message::release);
    }
  }

  @Override
  void failed(McpException error) {
    if (message != null) {
      message.release();
      message = null;
    }
    answer.fail(error);
  }

  private static McpException noAnswer() {
    return McpException.streamError(
        ErrorCode.PROTOCOL_ERROR, "the server ended the stream without an answer");
  }
}
