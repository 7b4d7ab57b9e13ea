package io.modelcontrol.runtime;

import io.modelcontrol.Digest;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.ErrorLayer;
import io.modelcontrol.McpException;
import io.modelcontrol.model.ModelStore;
import io.modelcontrol.wire.DeltaParameters;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.UploadParameters;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * Contents that are on their way into the store, piece by piece: each piece is answered when it is
 * written, so that the sender goes at the disk's pace. Whoever pushes the same content shares one
 * upload. An upload that everybody has left is kept open for a while, then as a file, so that it is
 * gone on with where it was. Lives on the host's context; reads and writes on a worker.
 */
final class Uploads {
  /** What has expired is looked for this often. */
  private static final long EXPIRY_CHECK_MS = 60_000;

  private final Vertx vertx;
  private final Context context;
  private final ModelHostOptions options;
  private final ModelStore store;
  private final UploadAddresses addresses;
  private final ChunkIndex index;
  private final Map<SharedUpload.Key, SharedUpload> uploads = new LinkedHashMap<>();
  private final Map<String, Pusher> pushers = new HashMap<>();

  /** Uploads whose file is being closed: it is opened again only afterwards. */
  private final Map<SharedUpload.Key, Future<?>> closing = new HashMap<>();

  Uploads(
      Vertx vertx,
      Context context,
      ModelHostOptions options,
      ModelStore store,
      UploadAddresses addresses) {
    this.vertx = vertx;
    this.context = context;
    this.options = options;
    this.store = store;
    this.addresses = addresses;
    this.index = new ChunkIndex(store);
  }

  /**
   * Prepares for content, from where it is missing.
   *
   * @return STATUS CONTINUE with the name of this push as a parameter; or the outcome, if all of
   *     the content had arrived
   */
  Future<Message> begin(Pusher.Push push) {
    SharedUpload upload;
    try {
      upload = uploadOf(push);
    } catch (McpException e) {
      push.ended().run();
      return Future.failedFuture(e);
    }
    Pusher pusher = new Pusher(UUID.randomUUID().toString(), push, upload);
    pushers.put(pusher.name, pusher);
    upload.join(pusher);
    return upload
        .opened()
        .compose(content -> begun(pusher))
        .onFailure(
            failure -> {
              pushers.remove(pusher.name);
              pusher.leave();
            });
  }

  private SharedUpload uploadOf(Pusher.Push push) {
    if (push.size() <= 0) {
      throw McpException.streamError(
          ErrorCode.INVALID_ARGUMENT,
          "content size (field 0x17) must be 1 or more: " + push.size());
    }
    SharedUpload.Key key = new SharedUpload.Key(push.digest(), push.size());
    SharedUpload known = uploads.get(key);
    return known != null ? known : open(key);
  }

  private SharedUpload open(SharedUpload.Key key) {
    if (uploads.size() >= options.getMaxUploads() && !suspendAbandoned()) {
      throw McpException.streamError(
              ErrorCode.OVERLOADED, uploads.size() + " uploads are under way")
          .withRetryAfterMs(options.getUploadIdleMs());
    }
    // Not in order with the pieces of others: what has arrived before is hashed, which takes time.
    Future<ModelStore.Upload> opened =
        closing
            .getOrDefault(key, Future.succeededFuture())
            .eventually(Future::succeededFuture)
            .transform(
                closed ->
                    context.executeBlocking(() -> store.begin(key.digest(), key.size()), false));
    SharedUpload upload = new SharedUpload(key, opened);
    uploads.put(key, upload);
    upload.opened().onFailure(failure -> uploads.remove(key, upload));
    addresses.add(key.digest());
    return upload;
  }

  /** Makes room for an upload that somebody wants by one that nobody wants at the moment. */
  private boolean suspendAbandoned() {
    Optional<SharedUpload> abandoned =
        uploads.values().stream()
            .filter(upload -> upload.pushers.isEmpty() && upload.content() != null)
            .findFirst();
    abandoned.ifPresent(this::suspend);
    return abandoned.isPresent();
  }

  private Future<Message> begun(Pusher pusher) {
    SharedUpload upload = pusher.upload;
    if (upload.committed == null && upload.isComplete()) {
      complete(upload);
    }
    if (upload.committed != null) {
      return outcome(pusher);
    }
    pusher.startAt(upload.content().offset());
    watch(upload);
    Message invitation = upload.progress(pusher).parameter(MessageBus.UPLOAD, pusher.name);
    if (upload.isTurnOf(pusher) && Delta.isWorthIt(pusher.push)) {
      pusher.delta = new Delta(store, index, pusher.push);
      invitation.parameter(DeltaParameters.DELTA, DeltaParameters.FASTCDC);
    }
    return Future.succeededFuture(invitation);
  }

  /**
   * Writes a piece, or waits for news where a message has no content. The piece that completes the
   * content is answered by the outcome. Releases the request.
   */
  Future<Message> onContent(String name, Message request) {
    Pusher pusher = pushers.get(name);
    if (pusher == null) {
      throw givenUp();
    }
    if (pusher.outcome() != null) {
      request.release();
      pushers.remove(name);
      return pusher.outcome();
    }
    if (request.content() == null) {
      return pusher.await();
    }
    SharedUpload upload = pusher.upload;
    upload.silentMs = 0;
    upload.working = pusher.delta != null;
    return context
        .executeBlocking(() -> take(pusher, request))
        .onComplete(taken -> upload.working = false)
        .compose(taken -> afterPiece(pusher, taken), failure -> failed(pusher, failure));
  }

  private static Pusher.Taken take(Pusher pusher, Message request) {
    try {
      ModelStore.Upload content = pusher.upload.content();
      Pusher.Taken taken =
          DeltaParameters.is(request, DeltaParameters.CHUNKS)
              ? Delta.takeChunks(pusher, request)
              : pusher.take(content, request);
      if (pusher.delta != null && taken != Pusher.Taken.DAMAGED) {
        pusher.delta.fill(pusher, content);
      }
      return taken;
    } finally {
      request.release();
    }
  }

  private Future<Message> afterPiece(Pusher pusher, Pusher.Taken taken) {
    SharedUpload upload = pusher.upload;
    if (upload.committed == null && upload.isComplete()) {
      complete(upload);
    }
    if (pusher.outcome() != null) {
      return outcome(pusher);
    }
    if (taken == Pusher.Taken.WRITTEN) {
      upload.tellWaiting();
    }
    Message progress = upload.progress(pusher);
    if (pusher.delta != null) {
      pusher.delta.tell(progress);
    }
    return Future.succeededFuture(
        taken == Pusher.Taken.DAMAGED
            ? progress.parameter(UploadParameters.RESEND, UploadParameters.YES)
            : progress);
  }

  /** All has arrived: stores it, then each does with it what it is there for. */
  private void complete(SharedUpload upload) {
    vertx.cancelTimer(upload.timer);
    upload.committed = context.executeBlocking(upload.content()::commit);
    upload.committed.onComplete(
        done -> {
          uploads.remove(upload.key, upload);
          addresses.remove(upload.key.digest());
        });
    List.copyOf(upload.pushers).forEach(this::outcome);
  }

  private Future<Message> outcome(Pusher pusher) {
    if (pusher.outcome() == null) {
      pusher.end(pusher.upload.committed.compose(stored -> pusher.push.whenComplete().get()));
      // Who asks no more needs no answer: what it has to say is known by then.
      pusher.outcome().onComplete(v -> forgetLater(pusher));
    }
    return pusher.outcome();
  }

  private void forgetLater(Pusher pusher) {
    vertx.setTimer(options.getUploadIdleMs(), id -> pushers.remove(pusher.name));
  }

  /** The sender's fault costs the sender; the disk's costs all. */
  private Future<Message> failed(Pusher pusher, Throwable failure) {
    SharedUpload upload = pusher.upload;
    McpException error = McpException.of(failure);
    boolean ours = error.code().layer() == ErrorLayer.INFRASTRUCTURE;
    if (ours || (error.code() == ErrorCode.MODEL_DIGEST_MISMATCH && upload.pushers.size() == 1)) {
      giveUp(upload, error);
    } else {
      abort(pusher.name);
    }
    return Future.failedFuture(failure);
  }

  private void giveUp(SharedUpload upload, McpException error) {
    for (Pusher pusher : List.copyOf(upload.pushers)) {
      pusher.end(Future.failedFuture(error));
      forgetLater(pusher);
    }
    addresses.remove(upload.key.digest());
    close(upload, ModelStore.Upload::abort);
  }

  /** Nobody joins it any more, and nothing watches it. */
  private void close(SharedUpload upload, Consumer<ModelStore.Upload> how) {
    uploads.remove(upload.key, upload);
    vertx.cancelTimer(upload.timer);
    Future<Void> closed =
        upload
            .opened()
            .compose(
                content ->
                    context.executeBlocking(
                        () -> {
                          how.accept(content);
                          return null;
                        }));
    closing.put(upload.key, closed);
    closed.onComplete(done -> closing.remove(upload.key, closed));
  }

  /** Looks from time to time whether content comes. */
  private void watch(SharedUpload upload) {
    if (upload.timer >= 0) {
      return;
    }
    long turnMs = SharedUpload.turnMs(options.getUploadIdleMs());
    upload.timer = vertx.setPeriodic(turnMs, id -> onSilence(upload, turnMs));
  }

  private void onSilence(SharedUpload upload, long turnMs) {
    if (upload.working) {
      return;
    }
    upload.silentMs += turnMs;
    // One turn after a piece may have come in just now.
    if (upload.silentMs > turnMs && upload.isAwaited()) {
      upload.passTurn();
    } else if (upload.silentMs >= options.getUploadIdleMs()) {
      suspend(upload);
    }
  }

  /** Nobody goes on with it at the moment: it becomes a file, those who push it have to return. */
  private void suspend(SharedUpload upload) {
    for (Pusher pusher : List.copyOf(upload.pushers)) {
      pushers.remove(pusher.name);
      pusher.end(Future.failedFuture(givenUp()));
    }
    close(upload, ModelStore.Upload::suspend);
  }

  private static McpException givenUp() {
    return McpException.streamError(
        ErrorCode.IDLE_TIMEOUT, "the upload was given up: no content came for too long");
  }

  /** Somebody has done with an upload. What has arrived is kept, also for others. */
  void abort(String name) {
    Pusher pusher = pushers.remove(name);
    if (pusher != null && pusher.outcome() == null) {
      pusher.upload.leave(pusher);
      pusher.leave();
    }
  }

  /** Removes what is stale, now and from time to time, and is reached for the others. */
  Future<Void> start() {
    long periodMs = Math.min(EXPIRY_CHECK_MS, options.getUploadExpiryMs());
    vertx.setPeriodic(periodMs, id -> removeStale());
    return removeStale();
  }

  private Future<Void> removeStale() {
    return context
        .executeBlocking(
            () -> {
              store.removeStaleUploads(options.getUploadExpiryMs(), System.currentTimeMillis());
              return store.partialDigests();
            })
        .map(
            partial -> {
              Set<Digest> digests = new HashSet<>(partial);
              uploads.keySet().forEach(key -> digests.add(key.digest()));
              addresses.set(digests);
              return null;
            });
  }

  void suspendAll() {
    List.copyOf(uploads.values()).forEach(this::suspend);
  }
}
