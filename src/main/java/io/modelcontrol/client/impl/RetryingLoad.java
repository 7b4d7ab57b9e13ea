package io.modelcontrol.client.impl;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.ErrorLevel;
import io.modelcontrol.McpException;
import io.modelcontrol.ModelDescriptor;
import io.modelcontrol.client.UpdateProgress;
import io.modelcontrol.client.UploadProgress;
import io.modelcontrol.telemetry.Happening;
import io.modelcontrol.telemetry.Telemetry;
import io.vertx.core.Completable;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.internal.ContextInternal;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * A push of a model with its attempts: each is an exchange of its own, and goes on where the server
 * is. An attempt that has brought the content further is no failure, so that a bad line costs time
 * and not the upload. On the client's context only.
 */
final class RetryingLoad implements Completable<ModelDescriptor> {
  private final ContextInternal context;
  private final BiConsumer<Consumer<ClientConnection>, Consumer<McpException>> connections;
  private final RetryPolicy policy;
  private final long timeoutMs;
  private final Push push;
  private final ContentSource source;
  private final ContextInternal caller;
  private final Promise<ModelDescriptor> loaded;
  private McpException lastError;
  private Load attempt;
  private int attempts;
  private boolean startedOver;
  private long progressNanos = System.nanoTime();

  /** The most that the server ever had: what it has lost and gets again is no progress. */
  private long receivedBytes;

  private long sentBytes;

  /**
   * A push.
   *
   * @param connections runs an attempt with the current connection, or tells why there is none
   * @param timeoutMs without any progress
   * @param caller where progress is told
   */
  RetryingLoad(
      ContextInternal context,
      BiConsumer<Consumer<ClientConnection>, Consumer<McpException>> connections,
      RetryPolicy policy,
      long timeoutMs,
      Push push,
      ContentSource source,
      ContextInternal caller,
      Promise<ModelDescriptor> loaded) {
    this.context = context;
    this.connections = connections;
    this.policy = policy;
    this.timeoutMs = timeoutMs;
    this.push = push;
    this.source = source;
    this.caller = caller;
    this.loaded = loaded;
  }

  void start() {
    connections.accept(this::attempt, error -> loaded.fail(lastError == null ? error : lastError));
  }

  private void attempt(ClientConnection connection) {
    attempts++;
    attempt = new Load(connection, timeoutMs, push, source, this);
    attempt.start();
  }

  /** Whether an attempt may offer chunks: not again, where that led to something else. */
  boolean mayOfferDelta() {
    return push.upload().delta() && !startedOver && DeltaPush.isPossible(source.size());
  }

  /** So much has been sent. */
  void sent(long bytes) {
    sentBytes += bytes;
  }

  /** The server has so much. */
  void received(long offset) {
    if (offset > receivedBytes) {
      attempts = 1;
      progressNanos = System.nanoTime();
      receivedBytes = offset;
    }
    Handler<UploadProgress> handler = push.upload().progressHandler();
    if (handler != null) {
      UploadProgress progress = new UploadProgress(offset, source.size(), sentBytes);
      caller.runOnContext(v -> handler.handle(progress));
    }
  }

  /** The update to it stands like this; there is progress as long as the server says so. */
  void updating(UpdateProgress progress) {
    progressNanos = System.nanoTime();
    if (push.updateHandler() != null) {
      caller.runOnContext(v -> push.updateHandler().handle(progress));
    }
  }

  /** An attempt has ended. */
  @Override
  public void complete(ModelDescriptor descriptor, Throwable failure) {
    if (failure == null) {
      policy.onSuccess();
      received(source.size());
      // Behind the last progress.
      caller.runOnContext(v -> loaded.complete(descriptor));
      return;
    }
    McpException error = McpException.of(failure);
    long pauseMs = pauseMs(error);
    if (pauseMs == RetryPolicy.NEVER) {
      loaded.fail(error);
      return;
    }
    lastError = error;
    Telemetry.of(context.owner()).count(Happening.RETRY);
    context.setTimer(Math.max(1, pauseMs), id -> start());
  }

  private long pauseMs(McpException error) {
    long deadlineNanos = progressNanos + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
    if (error.code() == ErrorCode.MODEL_DIGEST_MISMATCH && attempt.hasResumed() && !startedOver) {
      // What others had sent before, or what a crash had left, was not this content.
      startedOver = true;
      receivedBytes = 0;
      return policy.pauseMs(error, attempts, System.nanoTime(), deadlineNanos);
    }
    return error.level() == ErrorLevel.TRANSIENT
        ? policy.pauseToGoOnMs(error, attempts, System.nanoTime(), deadlineNanos)
        : RetryPolicy.NEVER;
  }
}
