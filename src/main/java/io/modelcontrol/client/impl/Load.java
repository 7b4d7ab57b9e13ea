package io.modelcontrol.client.impl;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.ModelDescriptor;
import io.modelcontrol.client.ModelUpload;
import io.modelcontrol.client.UploadProgress;
import io.modelcontrol.session.transport.McpStream;
import io.modelcontrol.wire.EncodedMessage;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageCompressor;
import io.modelcontrol.wire.MessageEncoder;
import io.modelcontrol.wire.MessageType;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.vertx.core.Promise;
import io.vertx.core.internal.ContextInternal;
import java.io.IOException;

/**
 * Loads a model: names it, sends its content if it is asked for, waits for the outcome. Contract 3,
 * Load. The content is read as fast as the server's windows take it; one piece is in memory at a
 * time.
 */
final class Load extends Exchange {
  /**
   * One piece of content: large enough that messages cost nothing, small enough to share the line.
   */
  private static final int PIECE_BYTES = 256 * 1024;

  /** Type, tags and lengths around a piece. */
  private static final int OVERHEAD_BYTES = 64;

  /** A message that is ready to be sent, and how much content it carries. */
  private record Piece(EncodedMessage message, int contentBytes) {}

  private final ModelUpload upload;
  private final ContentSource source;
  private final ContextInternal caller;
  private final Promise<ModelDescriptor> loaded;
  private long nextOffset = -1;
  private boolean compresses;
  private boolean reading;
  private boolean ended;

  Load(
      ClientConnection connection,
      long timeoutMs,
      ModelUpload upload,
      ContentSource source,
      ContextInternal caller,
      Promise<ModelDescriptor> loaded) {
    super(connection, timeoutMs);
    this.upload = upload;
    this.source = source;
    this.caller = caller;
    this.loaded = loaded;
  }

  @Override
  void opened(McpStream stream) {
    Message request =
        Message.of(MessageType.MODEL_LOAD_REQ)
            .modelName(upload.id().name())
            .modelVersion(upload.id().version())
            .digest(source.digest())
            .contentSize(source.size());
    upload.parameters().forEach(request::parameter);
    compresses = stream.compresses();
    stream.handler(this::onStatus);
    stream.endHandler(v -> abandon(unexpected("the server ended the stream before the outcome")));
    stream.drainHandler(v -> sendNext());
    stream.write(request).onFailure(failure -> abandon(McpException.of(failure)));
  }

  private void onStatus(Message pooled) {
    Message status = pooled.toHeap();
    McpException error = status.toException();
    if (isDone()) {
      return;
    }
    if (error != null) {
      abandon(error);
    } else if (status.standardType() != MessageType.STATUS) {
      abandon(unexpected("STATUS was expected, came " + status));
    } else if (status.status() == ErrorCode.CONTINUE) {
      onContinue(status.contentOffset());
    } else {
      onLoaded(status);
    }
  }

  private void onContinue(long offset) {
    if (offset < 0 || offset > source.size()) {
      abandon(unexpected("content was asked from offset " + offset + " of " + source.size()));
      return;
    }
    progressed();
    tellProgress(offset);
    if (nextOffset < 0) {
      nextOffset = offset;
      sendNext();
    }
  }

  private void tellProgress(long offset) {
    if (upload.progressHandler() != null) {
      UploadProgress progress = new UploadProgress(offset, source.size());
      caller.runOnContext(v -> upload.progressHandler().handle(progress));
    }
  }

  private void onLoaded(Message status) {
    if (status.descriptors().isEmpty()) {
      abandon(unexpected("the server told no descriptor of the model"));
    } else if (finish()) {
      if (!ended) {
        ended = true;
        stream().end();
      }
      loaded.complete(status.descriptors().get(0));
    }
  }

  private void sendNext() {
    if (reading || ended || isDone() || nextOffset < 0 || stream().writeQueueFull()) {
      return;
    }
    reading = true;
    long offset = nextOffset;
    connection
        .context()
        .executeBlocking(() -> piece(offset), false)
        .onComplete(this::onRead, failure -> abandon(unreadable(failure)));
  }

  /** The next message, encoded, and compressed where that helps; on a worker. */
  private Piece piece(long offset) throws IOException {
    ByteBuf bytes = source.read(offset, pieceBytes());
    int length = bytes.readableBytes();
    Message content = Message.of(MessageType.MODEL_LOAD_REQ).contentOffset(offset).content(bytes);
    return new Piece(
        compresses
            ? MessageCompressor.encode(content, ByteBufAllocator.DEFAULT)
            : new EncodedMessage(MessageEncoder.encode(content, ByteBufAllocator.DEFAULT), false),
        length);
  }

  private int pieceBytes() {
    return Math.min(PIECE_BYTES, Math.max(1, connection.maxMessageBytes() - OVERHEAD_BYTES));
  }

  private void onRead(Piece piece) {
    reading = false;
    if (isDone() || ended) {
      piece.message.bytes().release();
      return;
    }
    nextOffset += piece.contentBytes;
    ended = nextOffset == source.size();
    progressed();
    stream()
        .write(piece.message, ended)
        .onSuccess(v -> sendNext())
        .onFailure(failure -> abandon(McpException.of(failure)));
  }

  @Override
  void failed(McpException error) {
    loaded.fail(error);
  }

  private static McpException unexpected(String what) {
    return McpException.streamError(ErrorCode.PROTOCOL_ERROR, what);
  }

  private static McpException unreadable(Throwable failure) {
    return failure instanceof McpException known
        ? known
        : McpException.streamError(
            ErrorCode.INVALID_ARGUMENT, "the model's content cannot be read", failure);
  }
}
