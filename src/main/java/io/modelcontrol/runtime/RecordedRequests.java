package io.modelcontrol.runtime;

import io.modelcontrol.Tensor;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageType;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * Some of the latest requests of a model, to warm a new version up with: copies, so that they hold
 * no buffers of sockets. Thread-safe.
 */
final class RecordedRequests {
  private static final int MAX_REQUESTS = 16;
  private static final int MAX_BYTES_EACH = 1 << 20;

  /** After the first ones, one of so many requests is copied. */
  private static final int RECORDED_OF = 256;

  /** A warm-up run has this long. */
  private static final long WARM_UP_MS = 30_000;

  private final Deque<Message> requests = new ArrayDeque<>();

  /** Counted without care: threads may lose each other's counts, which harms nobody. */
  private int seen;

  /** Looks at a request before it is passed on. */
  void see(Message request) {
    int count = seen++;
    if (count < MAX_REQUESTS || count % RECORDED_OF == 0) {
      record(request);
    }
  }

  private void record(Message request) {
    if (request.sequenceId() != null || bytes(request) > MAX_BYTES_EACH) {
      return;
    }
    Message copy = Message.of(MessageType.INFERENCE_REQ).timeoutMs(WARM_UP_MS);
    request.tensors().forEach(tensor -> copy.tensor(tensor.retain().toHeap()));
    request.requestedOutputs().forEach(copy::requestedOutput);
    request.parameters().forEach(copy::parameter);
    synchronized (requests) {
      requests.addLast(copy);
      if (requests.size() > MAX_REQUESTS) {
        requests.removeFirst().release();
      }
    }
  }

  private static long bytes(Message request) {
    return request.tensors().stream().mapToLong(Tensor::byteLength).sum();
  }

  /** All of them; the caller releases each. */
  List<Message> all() {
    synchronized (requests) {
      requests.forEach(Message::retain);
      return List.copyOf(requests);
    }
  }
}
