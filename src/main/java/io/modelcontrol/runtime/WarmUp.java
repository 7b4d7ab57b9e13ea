package io.modelcontrol.runtime;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.wire.Message;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.internal.ContextInternal;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * Replays some of the latest requests to a new version, one after the other, so that the first
 * callers find it warm. A request on which it fails is given to the active version, too: only what
 * that answers is held against the new one. On the host's context.
 */
final class WarmUp {
  private final ContextInternal context;
  private final ServedModel candidate;
  private final ModelRouter router;
  private final Queue<Message> requests;
  private int number;

  WarmUp(ContextInternal context, ServedModel candidate, ModelRouter router) {
    this.context = context;
    this.candidate = candidate;
    this.router = router;
    requests = new ArrayDeque<>(router.recorded().all());
  }

  /**
   * Replays all; failed with the error of the first request that the new version alone fails on.
   */
  Future<Void> run() {
    Message request = requests.poll();
    if (request == null) {
      return Future.succeededFuture();
    }
    request.retain();
    return outcome(candidate, request)
        .compose(code -> isItsOwn(code) ? compared(code, request) : Future.succeededFuture())
        .onComplete(done -> request.release())
        .onFailure(failure -> requests.forEach(Message::release))
        .compose(v -> run());
  }

  /** A version may ask for other inputs than the one before, but not fail on its own. */
  private static boolean isItsOwn(ErrorCode code) {
    return code == ErrorCode.RUNTIME_FAILURE
        || code == ErrorCode.DEADLINE_EXCEEDED
        || code == ErrorCode.MODEL_REJECTED
        || code == ErrorCode.MODEL_NOT_READY;
  }

  private Future<Void> compared(ErrorCode code, Message request) {
    request.retain();
    return outcome(router.active(), request)
        .compose(
            other ->
                other.isError()
                    ? Future.succeededFuture()
                    : Future.failedFuture(
                        McpException.streamError(
                            ErrorCode.RUNTIME_FAILURE,
                            "a request that was replayed to it failed with " + code)));
  }

  /** Runs a request and takes it over. */
  private Future<ErrorCode> outcome(ServedModel version, Message request) {
    Promise<Message> answered = context.promise();
    String callId = "warm-up-" + candidate.id() + "-" + number++;
    if (!version.take(callId, request, null, answered::complete)) {
      request.release();
      return Future.succeededFuture(ErrorCode.MODEL_NOT_READY);
    }
    return answered
        .future()
        .map(
            answer -> {
              ErrorCode code = answer.status();
              answer.release();
              return code;
            });
  }
}
