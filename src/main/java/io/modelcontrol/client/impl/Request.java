package io.modelcontrol.client.impl;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.session.transport.McpStream;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageType;
import io.vertx.core.Completable;

/** One message there, one message back. */
final class Request extends Exchange {
  private final Completable<Message> answer;
  private Message message;
  private boolean divisible;
  private int shardBytes;
  private Shards shards;

  /**
   * @param message taken over
   */
  Request(
      ClientConnection connection, long timeoutMs, Message message, Completable<Message> answer) {
    super(connection, timeoutMs);
    this.message = message;
    this.answer = answer;
  }

  /** Allows to send tensors in pieces, of so many bytes where it is not 0. */
  Request divisible(int newShardBytes) {
    divisible = true;
    shardBytes = newShardBytes;
    return this;
  }

  @Override
  void opened(McpStream stream) {
    Message sent = message;
    message = null;
    if (sent.standardType() == MessageType.INFERENCE_REQ) {
      sent.timeoutMs(remainingMs());
    }
    stream.handler(this::onAnswer);
    stream.endHandler(v -> onEnd());
    if (divisible && Shards.wanted(sent, shardBytes, connection.maxMessageBytes())) {
      sendShards(sent);
    } else {
      stream.end(sent).onFailure(failure -> abandon(McpException.of(failure)));
    }
  }

  private void onEnd() {
    if (!isDone()) {
      fail(noAnswer());
    }
  }

  private void sendShards(Message sent) {
    McpException refusal = Shards.refusal(sent);
    if (refusal != null) {
      sent.release();
      abandon(refusal);
      return;
    }
    shards =
        Shards.of(
            stream(),
            sent,
            shardBytes,
            connection.maxMessageBytes(),
            failure -> abandon(McpException.of(failure)));
    shards.send();
  }

  private void onAnswer(Message pooled) {
    Message received = pooled.toHeap();
    McpException error = received.toException();
    if (error != null) {
      abandonStream(error);
    } else if (finish()) {
      endStream();
      answer.succeed(received);
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
    if (shards != null && shards.stop()) {
      stream().end();
    }
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
    if (shards != null) {
      shards.stop();
    }
    answer.fail(error);
  }

  private static McpException noAnswer() {
    return McpException.streamError(
        ErrorCode.PROTOCOL_ERROR, "the server ended the stream without an answer");
  }
}
