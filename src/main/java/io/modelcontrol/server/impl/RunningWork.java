package io.modelcontrol.server.impl;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.session.HeldObjects;
import io.modelcontrol.wire.Message;
import io.vertx.core.Future;

/**
 * What the requests of one session keep busy, whether or not their streams are still open: a client
 * that resets a stream gets its place back only when the work behind it has stopped, and many small
 * fields in requests that run cost what they take. On the context of the session only.
 */
final class RunningWork {
  /** Fields of all requests that run or wait to. */
  private static final int MAX_FIELDS = HeldObjects.MAX_BYTES / HeldObjects.OBJECT_BYTES;

  private final int maxRequests;
  private int requests;
  private int fields;

  RunningWork(int maxRequests) {
    this.maxRequests = maxRequests;
  }

  /**
   * Checks that there is room for a request.
   *
   * @throws McpException REFUSED_STREAM, for the stream, if there is none
   */
  void check(Message request) {
    if (requests >= maxRequests) {
      throw McpException.streamError(
          ErrorCode.REFUSED_STREAM,
          requests + " requests of the session run, the ones that were canceled included");
    }
    if (fields + fieldsOf(request) > MAX_FIELDS) {
      throw McpException.streamError(
          ErrorCode.REFUSED_STREAM,
          "the requests of the session that run have more than " + MAX_FIELDS + " fields");
    }
  }

  /** Counts a request until its work has ended. */
  void add(Message request, Future<?> work) {
    int cost = fieldsOf(request);
    requests++;
    fields += cost;
    work.onComplete(
        ended -> {
          requests--;
          fields -= cost;
        });
  }

  /** Requests that run. */
  int requests() {
    return requests;
  }

  private static int fieldsOf(Message request) {
    return 1
        + request.tensors().size()
        + request.requestedOutputs().size()
        + request.parameters().size()
        + request.descriptors().size()
        + request.roles().size();
  }
}
