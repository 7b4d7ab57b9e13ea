package io.modelcontrol.client.impl;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.telemetry.Activity;
import io.modelcontrol.telemetry.Happening;
import io.modelcontrol.telemetry.Operation;
import io.modelcontrol.telemetry.Telemetry;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageType;
import io.vertx.core.Completable;
import io.vertx.core.Promise;
import io.vertx.core.internal.ContextInternal;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * A unary request with its attempts: each is an exchange of its own with the same message, and so
 * with the same request id; the deadline spans them all. Keeps the message's tensors to its end. On
 * the client's context only.
 */
final class RetryingCall implements Completable<Message> {
  private static final long NO_TIMER = -1;

  /** After these, nobody knows whether the request was executed. */
  private static final Set<ErrorCode> UNCERTAIN =
      EnumSet.of(
          ErrorCode.NETWORK_CONNECTION_RESET,
          ErrorCode.NETWORK_CONNECTION_CLOSED,
          ErrorCode.NETWORK_IO_ERROR,
          ErrorCode.NETWORK_TIMEOUT);

  private final ContextInternal context;
  private final BiConsumer<Consumer<ClientConnection>, Consumer<McpException>> connections;
  private final RetryPolicy policy;
  private final Message message;
  private final Promise<Message> answer;
  private final Activity activity;
  private final long deadlineNanos;
  private boolean divisible;
  private int shardBytes;
  private ErrorCode doneCode;
  private Request exchange;
  private McpException lastError;
  private long timer = NO_TIMER;
  private int attempts;
  private boolean uncertain;
  private boolean canceled;
  private boolean done;

  /**
   * @param connections runs an attempt with the current connection, or tells why there is none
   * @param message taken over
   */
  RetryingCall(
      ContextInternal context,
      BiConsumer<Consumer<ClientConnection>, Consumer<McpException>> connections,
      RetryPolicy policy,
      long timeoutMs,
      Message message,
      Promise<Message> answer) {
    this.context = context;
    this.connections = connections;
    this.policy = policy;
    this.deadlineNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
    this.message = message;
    this.answer = answer;
    this.activity =
        Telemetry.of(context.owner())
            .start(Operation.CLIENT_REQUEST, message.traceparent(), message.tracestate())
            .tag("type", MessageType.describe(message.type()))
            .tag("model", message.modelName());
    if (activity.context() != null) {
      message
          .traceparent(activity.context().traceparent())
          .tracestate(activity.context().tracestate());
    }
  }

  /** Allows to send tensors in pieces, of so many bytes where it is not 0. */
  RetryingCall divisible(int newShardBytes) {
    divisible = true;
    shardBytes = newShardBytes;
    return this;
  }

  /** Where an earlier attempt may have been executed, this error tells that it was. */
  RetryingCall doneOn(ErrorCode code) {
    doneCode = code;
    return this;
  }

  void start() {
    connections.accept(this::attempt, this::notConnected);
  }

  private void attempt(ClientConnection connection) {
    timer = NO_TIMER;
    attempts++;
    long leftNanos = deadlineNanos - System.nanoTime();
    long leftMs = Math.max(1, TimeUnit.NANOSECONDS.toMillis(leftNanos + 999_999));
    exchange = new Request(connection, leftMs, message.retain(), this);
    if (divisible) {
      exchange.divisible(shardBytes);
    }
    exchange.start();
  }

  private void notConnected(McpException error) {
    failWith(lastError == null ? error : lastError);
  }

  /** An attempt has ended. */
  @Override
  public void complete(Message result, Throwable failure) {
    if (failure == null) {
      policy.onSuccess();
      finish();
      activity.end();
      answer.complete(result);
      return;
    }
    McpException error = McpException.of(failure);
    if (uncertain && error.code() == doneCode) {
      finish();
      activity.end();
      answer.complete(Message.status(ErrorCode.OK, ""));
      return;
    }
    uncertain |= UNCERTAIN.contains(error.code());
    long pauseMs =
        canceled
            ? RetryPolicy.NEVER
            : policy.pauseMs(error, attempts, System.nanoTime(), deadlineNanos);
    if (pauseMs == RetryPolicy.NEVER) {
      failWith(error);
    } else {
      lastError = error;
      Telemetry.of(context.owner()).count(Happening.RETRY);
      timer = context.setTimer(Math.max(1, pauseMs), id -> start());
    }
  }

  /** Gives the request up, also between two attempts. */
  void cancelNow() {
    canceled = true;
    if (done) {
      return;
    }
    if (timer != NO_TIMER) {
      context.owner().cancelTimer(timer);
      failWith(
          McpException.streamError(ErrorCode.REQUEST_CANCELED, "the caller gave the request up"));
    } else if (exchange != null) {
      exchange.cancelNow();
    }
  }

  private void failWith(McpException error) {
    finish();
    activity.tag("attempts", Integer.toString(attempts));
    if (isOurs(error)) {
      activity.fail(error);
    } else {
      activity.passOn(error);
    }
    answer.fail(attempts > 1 ? counted(error) : error);
  }

  /** Whether no server has told this, so that none has recorded it. */
  private static boolean isOurs(McpException error) {
    return error.code().name().startsWith("NETWORK_")
        || error.code() == ErrorCode.REQUEST_CANCELED
        || error.code() == ErrorCode.DEADLINE_EXCEEDED;
  }

  private void finish() {
    done = true;
    timer = NO_TIMER;
    message.release();
  }

  boolean isDone() {
    return done;
  }

  private McpException counted(McpException error) {
    String text = error.getMessage() + " (after " + attempts + " attempts)";
    McpException counted =
        error.scope() == McpException.Scope.SESSION
            ? McpException.sessionError(error.code(), text, error.getCause())
            : McpException.streamError(error.code(), text, error.getCause());
    return counted.withLevel(error.level()).withRetryAfterMs(error.retryAfterMs());
  }
}
