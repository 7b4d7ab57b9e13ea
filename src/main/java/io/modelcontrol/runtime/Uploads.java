package io.modelcontrol.runtime;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.model.ModelManifest;
import io.modelcontrol.model.ModelStore;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageType;
import io.netty.buffer.ByteBuf;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;

/**
 * Contents that are on their way into the store, piece by piece: each piece is answered when it is
 * written, so that the sender goes at the disk's pace. Lives on the host's context; writes on a
 * worker.
 */
final class Uploads {
  private static final class Transfer {
    final ModelManifest.Entry entry;
    final long size;
    final ModelStore.Upload content;
    final Runnable ended;
    long timer;

    Transfer(ModelManifest.Entry entry, long size, ModelStore.Upload content, Runnable ended) {
      this.entry = entry;
      this.size = size;
      this.content = content;
      this.ended = ended;
    }
  }

  private final Vertx vertx;
  private final Context context;
  private final ModelHostOptions options;
  private final ModelStore store;
  private final Function<ModelManifest.Entry, Future<Message>> whenComplete;
  private final Map<String, Transfer> transfers = new HashMap<>();

  Uploads(
      Vertx vertx,
      Context context,
      ModelHostOptions options,
      ModelStore store,
      Function<ModelManifest.Entry, Future<Message>> whenComplete) {
    this.vertx = vertx;
    this.context = context;
    this.options = options;
    this.store = store;
    this.whenComplete = whenComplete;
  }

  /**
   * Prepares for content.
   *
   * @param ended called when the upload has ended without a model
   * @return STATUS CONTINUE with the upload's name as a parameter
   */
  Future<Message> begin(ModelManifest.Entry entry, long size, Runnable ended) {
    if (size <= 0) {
      return Future.failedFuture(
          McpException.streamError(
              ErrorCode.INVALID_ARGUMENT, "content size (field 0x17) must be 1 or more: " + size));
    }
    if (transfers.size() >= options.getMaxUploads()) {
      return Future.failedFuture(
          McpException.streamError(
                  ErrorCode.OVERLOADED, transfers.size() + " uploads are under way")
              .withRetryAfterMs(options.getUploadIdleMs()));
    }
    return context
        .executeBlocking(() -> store.begin(entry.digest(), size))
        .map(
            content -> {
              String name = UUID.randomUUID().toString();
              Transfer transfer = new Transfer(entry, size, content, ended);
              transfers.put(name, transfer);
              rearm(name, transfer);
              return progress(0).parameter(MessageBus.UPLOAD, name);
            });
  }

  /** Writes a piece; the last one completes the content. Releases the request. */
  Future<Message> onContent(String name, Message request) {
    Transfer transfer = transfers.get(name);
    if (transfer == null) {
      throw McpException.streamError(
          ErrorCode.INVALID_ARGUMENT, "no upload is under way, it may have been given up");
    }
    vertx.cancelTimer(transfer.timer);
    return context
        .executeBlocking(() -> write(transfer, request))
        .compose(offset -> afterPiece(name, transfer, offset))
        .onFailure(failure -> abort(name));
  }

  private static long write(Transfer transfer, Message request) {
    try {
      ByteBuf content = request.content();
      if (content == null || request.contentOffset() != transfer.content.offset()) {
        throw McpException.streamError(
            ErrorCode.INVALID_ARGUMENT,
            "content at offset "
                + request.contentOffset()
                + ", expected "
                + transfer.content.offset());
      }
      for (ByteBuffer part : content.nioBuffers()) {
        transfer.content.write(part);
      }
      return transfer.content.offset();
    } finally {
      request.release();
    }
  }

  private Future<Message> afterPiece(String name, Transfer transfer, long offset) {
    if (offset < transfer.size) {
      rearm(name, transfer);
      return Future.succeededFuture(progress(offset));
    }
    transfers.remove(name);
    return context
        .executeBlocking(transfer.content::commit)
        .compose(path -> whenComplete.apply(transfer.entry))
        .onFailure(failure -> transfer.ended.run());
  }

  private static Message progress(long offset) {
    return Message.of(MessageType.STATUS).status(ErrorCode.CONTINUE).contentOffset(offset);
  }

  private void rearm(String name, Transfer transfer) {
    transfer.timer = vertx.setTimer(options.getUploadIdleMs(), id -> abort(name));
  }

  /** Gives an upload up; nothing of it stays. */
  void abort(String name) {
    Transfer transfer = transfers.remove(name);
    if (transfer != null) {
      vertx.cancelTimer(transfer.timer);
      transfer.ended.run();
      context.executeBlocking(
          () -> {
            transfer.content.abort();
            return null;
          });
    }
  }

  void abortAll() {
    List.copyOf(transfers.keySet()).forEach(this::abort);
  }
}
