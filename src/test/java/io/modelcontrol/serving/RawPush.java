package io.modelcontrol.serving;

import static org.assertj.core.api.Assertions.assertThat;

import io.modelcontrol.Digest;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.client.McpClient;
import io.modelcontrol.session.transport.McpStream;
import io.modelcontrol.testing.TestNode;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageType;
import io.netty.buffer.Unpooled;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A push whose every message is the test's: one stream, and the statuses that come on it. */
final class RawPush {
  private final byte[] content;
  private final McpStream stream;
  private volatile Context context;
  private final BlockingQueue<Message> statuses = new LinkedBlockingQueue<>();

  RawPush(McpClient client, String name, String version, byte[] content) throws Exception {
    this(client, name, version, content, digest(content), content.length);
  }

  RawPush(McpClient client, String name, String version, byte[] content, Digest digest, long size)
      throws Exception {
    this.content = content;
    stream = TestNode.await(client.stream().map(this::opened));
    write(
        Message.of(MessageType.MODEL_LOAD_REQ)
            .modelName(name)
            .modelVersion(version)
            .digest(digest)
            .contentSize(size));
  }

  private McpStream opened(McpStream opened) {
    context = Vertx.currentContext();
    return opened
        .exceptionHandler(e -> statuses.add(Message.error(McpException.of(e))))
        .handler(message -> statuses.add(message.toHeap()));
  }

  private void write(Message message) {
    context.runOnContext(v -> stream.write(message));
  }

  static Digest digest(byte[] content) throws Exception {
    return Digest.of(MessageDigest.getInstance("SHA-256").digest(content));
  }

  /** Sends the content between two offsets. */
  RawPush send(int from, int to) {
    return send(from, Arrays.copyOfRange(content, from, to), null);
  }

  RawPush send(long offset, byte[] piece, Digest digestOrNull) {
    write(
        Message.of(MessageType.MODEL_LOAD_REQ)
            .contentOffset(offset)
            .content(Unpooled.wrappedBuffer(piece))
            .digest(digestOrNull));
    return this;
  }

  /** Ends this half of the stream. */
  void end() {
    context.runOnContext(v -> stream.end());
  }

  void reset() {
    McpException gone = McpException.streamError(ErrorCode.REQUEST_CANCELED, "the client is gone");
    context.runOnContext(v -> stream.reset(gone));
  }

  Message next() throws InterruptedException {
    Message status = statuses.poll(30, TimeUnit.SECONDS);
    assertThat(status).as("a status within 30 s").isNotNull();
    return status;
  }

  /** The next status is CONTINUE from this offset, with no more said. */
  RawPush expect(long offset) throws InterruptedException {
    return expect(offset, null);
  }

  /** The next status is CONTINUE from this offset, with this parameter. */
  RawPush expect(long offset, String parameterOrNull) throws InterruptedException {
    Message status = next();
    assertThat(status.status()).as(status.statusText()).isEqualTo(ErrorCode.CONTINUE);
    assertThat(status.contentOffset()).isEqualTo(offset);
    if (parameterOrNull == null) {
      assertThat(status.parameters()).isEmpty();
    } else {
      assertThat(status.parameters()).containsOnlyKeys(parameterOrNull);
    }
    return this;
  }

  /** The end, whatever progress is told before. */
  Message outcome() throws InterruptedException {
    Message status = next();
    while (status.status() == ErrorCode.CONTINUE) {
      status = next();
    }
    return status;
  }

  /** Whatever progress is told before, the end is this. */
  RawPush expectEnd(ErrorCode code) throws InterruptedException {
    Message status = outcome();
    assertThat(status.status()).as(status.statusText()).isEqualTo(code);
    return this;
  }

  /** Whatever progress is told before, it is this one's turn, from this offset. */
  void expectTurn(long offset) throws InterruptedException {
    Message status = next();
    while (status.parameters().containsKey("wait")) {
      status = next();
    }
    assertThat(status.status()).isEqualTo(ErrorCode.CONTINUE);
    assertThat(status.contentOffset()).isEqualTo(offset);
  }
}
