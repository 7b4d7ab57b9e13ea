package io.modelcontrol.client.impl;

import io.modelcontrol.Digest;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.client.UpdateProgress;
import io.modelcontrol.session.transport.McpStream;
import io.modelcontrol.wire.DeltaParameters;
import io.modelcontrol.wire.EncodedMessage;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageCompressor;
import io.modelcontrol.wire.MessageEncoder;
import io.modelcontrol.wire.MessageType;
import io.modelcontrol.wire.UploadParameters;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;

/**
 * One attempt to push a model: names it, sends what of its content is asked for, waits for the
 * outcome. Contract 3, Load. The content is read as fast as the server's windows take it; one piece
 * is in memory at a time, and goes with its own SHA-256. The server may have more than this end has
 * sent, as others push the same content: that is left out; or may ask to go back; or may have other
 * contents that this one is built on: then only the chunks are sent that it lacks.
 */
final class Load extends Exchange {
  /**
   * One piece of content: large enough that messages cost nothing, small enough to share the line.
   */
  private static final int PIECE_BYTES = 256 * 1024;

  /** Type, tags and lengths around a piece. */
  private static final int OVERHEAD_BYTES = 64;

  /** A server that asks more often for what it was sent is not served any longer. */
  private static final int MAX_RESENDS = 64;

  /** A message that is ready to be sent, and how much content it carries. */
  private record Piece(EncodedMessage message, int contentBytes) {}

  private final Push push;
  private final ContentSource source;
  private final RetryingLoad attempts;
  private long nextOffset = -1;
  private boolean compresses;
  private DeltaPush delta;
  private boolean chunking;
  private int resends;
  private boolean resumed;
  private boolean mustWait;
  private boolean reading;
  private boolean sentAll;

  Load(
      ClientConnection connection,
      long timeoutMs,
      Push push,
      ContentSource source,
      RetryingLoad attempts) {
    super(connection, timeoutMs);
    this.push = push;
    this.source = source;
    this.attempts = attempts;
  }

  /** Whether the server had a part of the content before. */
  boolean hasResumed() {
    return resumed;
  }

  @Override
  void opened(McpStream stream) {
    Message request =
        Message.of(push.type())
            .modelName(push.upload().id().name())
            .modelVersion(push.upload().id().version())
            .digest(source.digest())
            .contentSize(source.size());
    push.upload().parameters().forEach(request::parameter);
    push.policy().forEach(request::parameter);
    if (attempts.mayOfferDelta() && connection.isSelected(DeltaParameters.DELTA)) {
      request.parameter(DeltaParameters.DELTA, DeltaParameters.FASTCDC);
    }
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
      refused(error);
    } else if (status.standardType() != MessageType.STATUS) {
      abandon(unexpected("STATUS was expected, came " + status));
    } else if (status.status() == ErrorCode.CONTINUE) {
      onContinue(status);
    } else {
      onLoaded(status);
    }
  }

  /**
   * The server has ended its half. So does this end, where nothing is under way that the server no
   * longer reads: resets are counted on both sides.
   */
  private void refused(McpException error) {
    if (nextOffset >= 0 && !sentAll) {
      abandon(error);
    } else if (finish()) {
      stream().end();
      failed(error);
    }
  }

  private void onContinue(Message status) {
    long offset = status.contentOffset();
    boolean again = status.parameters().containsKey(UploadParameters.RESEND);
    if (offset < 0 || offset > source.size()) {
      abandon(unexpected("content was asked from offset " + offset + " of " + source.size()));
      return;
    }
    if (again && ++resends > MAX_RESENDS) {
      abandon(unexpected("the server asked " + resends + " times for what it was sent"));
      return;
    }
    progressed();
    attempts.received(offset);
    UpdateProgress update = Push.progress(status.parameters());
    if (update != null) {
      attempts.updating(update);
    }
    boolean lacks = DeltaParameters.is(status, DeltaParameters.LACKS);
    resumed |= lacks || (nextOffset < 0 && offset > 0);
    mustWait = status.parameters().containsKey(UploadParameters.WAIT);
    if (lacks && !takeLacking(status)) {
      return;
    }
    if (again || lacks || offset > nextOffset) {
      sentAll = nextOffset >= 0 && offset == source.size();
      nextOffset = offset;
    }
    if (DeltaParameters.is(status, DeltaParameters.FASTCDC) && delta == null && !chunking) {
      sendChunks();
    } else {
      sendNext();
    }
  }

  /**
   * Tells the server which chunks there are; what it lacks of them is sent when it has answered.
   */
  private void sendChunks() {
    chunking = true;
    connection
        .context()
        .executeBlocking(() -> DeltaPush.compute(source), false)
        .onComplete(
            computed -> {
              chunking = false;
              delta = computed;
              progressed();
              if (!isDone()) {
                computed.list(push.type()).forEach(stream()::write);
              }
            },
            failure -> {
              // More chunks than a list may have: the whole is taken, too.
              chunking = false;
              sendNext();
            });
  }

  private boolean takeLacking(Message status) {
    try {
      if (delta == null || status.content() == null) {
        throw unexpected("the server told which chunks it lacks, but was told of none");
      }
      delta.onLacking(status.content());
      return true;
    } catch (McpException e) {
      abandon(unexpected(e.getMessage()));
      return false;
    }
  }

  private void onLoaded(Message status) {
    if (status.descriptors().isEmpty()) {
      abandon(unexpected("the server told no descriptor of the model"));
    } else if (finish()) {
      stream().end();
      attempts.complete(status.descriptors().get(0), null);
    }
  }

  private void sendNext() {
    if (reading || chunking || mustWait || isDone() || stream().writeQueueFull()) {
      return;
    }
    if (delta != null) {
      if (delta.isAwaited()) {
        return;
      }
      nextOffset = delta.next(nextOffset);
      sentAll = nextOffset == source.size();
    }
    if (sentAll) {
      return;
    }
    reading = true;
    long offset = nextOffset;
    int length = delta == null ? pieceBytes() : delta.run(offset, pieceBytes());
    connection
        .context()
        .executeBlocking(() -> piece(offset, length), false)
        .onComplete(piece -> onRead(offset, piece), failure -> abandon(unreadable(failure)));
  }

  /** The next message, encoded, and compressed where that helps; on a worker. */
  private Piece piece(long offset, int most) throws IOException {
    ByteBuf bytes = source.read(offset, most);
    int length = bytes.readableBytes();
    Digest digest = ContentSource.sha256(bytes);
    Message content = Message.of(push.type()).contentOffset(offset).digest(digest).content(bytes);
    return new Piece(
        compresses
            ? MessageCompressor.encode(content, ByteBufAllocator.DEFAULT)
            : new EncodedMessage(MessageEncoder.encode(content, ByteBufAllocator.DEFAULT), false),
        length);
  }

  private int pieceBytes() {
    return Math.min(PIECE_BYTES, Math.max(1, connection.maxMessageBytes() - OVERHEAD_BYTES));
  }

  private void onRead(long offset, Piece piece) {
    reading = false;
    if (isDone() || mustWait || offset != nextOffset) {
      // Meanwhile another place is asked for, or none.
      piece.message.bytes().release();
      sendNext();
      return;
    }
    nextOffset += piece.contentBytes;
    // The stream stays open: the server may ask for a piece again.
    sentAll = nextOffset == source.size();
    progressed();
    attempts.sent(piece.contentBytes);
    stream()
        .write(piece.message, false)
        .onSuccess(v -> sendNext())
        .onFailure(failure -> abandon(McpException.of(failure)));
  }

  @Override
  void failed(McpException error) {
    attempts.complete(null, error);
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
