package io.modelcontrol.runtime;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.ModelState;
import io.modelcontrol.telemetry.Telemetry;
import io.modelcontrol.wire.Message;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.internal.ContextInternal;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * Replays some of the latest requests to a new version, one after the other, so that the first
 * callers find it warm; where loads are done, so that nobody waits for it. A request on which it
 * fails is given to the active version, too: only what that answers is held against the new one.
 * Made and run on the host's context.
 */
final class WarmUp {
  private final ContextInternal context;
  private final ModelLoader loader;
  private final ServedModel candidate;
  private final ModelRouter router;
  private final Telemetry telemetry;
  private final Queue<Message> requests;
  private int compared;

  /** A request that the new version has failed on, and how. */
  private record Failure(Message request, ErrorCode code) {}

  WarmUp(ContextInternal context, ModelLoader loader, ServedModel candidate, ModelRouter router) {
    this.context = context;
    this.loader = loader;
    this.candidate = candidate;
    this.router = router;
    telemetry = Telemetry.of(context.owner());
    requests = new ArrayDeque<>(router.recorded().all());
  }

  /**
   * Replays all; failed with the error of the first request that the new version alone fails on.
   */
  Future<Void> run() {
    if (requests.isEmpty()) {
      return Future.succeededFuture();
    }
    return loader
        .workOn(candidate.shared(), this::firstFailure)
        .compose(
            failure ->
                failure == null ? Future.succeededFuture() : compared(failure).compose(v -> run()))
        .onFailure(failed -> releaseAll());
  }

  /** The next one, or null. Blocks. */
  private Failure firstFailure() {
    for (Message request = requests.poll(); request != null; request = requests.poll()) {
      ErrorCode code = replayed(request);
      if (isItsOwn(code)) {
        return new Failure(request, code);
      }
      request.release();
    }
    return null;
  }

  private ErrorCode replayed(Message request) {
    return candidate.state() == ModelState.WARMING
        ? RunControl.limited(
            request.timeoutMs(),
            control -> code(candidate.shared().infer(request, control, telemetry)))
        : ErrorCode.MODEL_NOT_READY;
  }

  private static ErrorCode code(Message answer) {
    ErrorCode code = answer.status();
    answer.release();
    return code;
  }

  /** A version may ask for other inputs than the one before, but not fail on its own. */
  private static boolean isItsOwn(ErrorCode code) {
    return code == ErrorCode.RUNTIME_FAILURE
        || code == ErrorCode.DEADLINE_EXCEEDED
        || code == ErrorCode.MODEL_REJECTED
        || code == ErrorCode.MODEL_NOT_READY;
  }

  private Future<Void> compared(Failure failure) {
    return askActive(failure.request())
        .compose(
            other ->
                other.isError()
                    ? Future.succeededFuture()
                    : Future.failedFuture(
                        McpException.streamError(
                            ErrorCode.RUNTIME_FAILURE,
                            "a request that was replayed to it failed with " + failure.code())));
  }

  /** Takes the request over. */
  private Future<ErrorCode> askActive(Message request) {
    Promise<Message> answered = context.promise();
    String callId = "warm-up-" + candidate.id() + "-" + compared++;
    if (!router.active().take(callId, request, null, answered::complete)) {
      request.release();
      return Future.succeededFuture(ErrorCode.MODEL_NOT_READY);
    }
    return answered.future().map(WarmUp::code);
  }

  private void releaseAll() {
    for (Message request = requests.poll(); request != null; request = requests.poll()) {
      request.release();
    }
  }
}
