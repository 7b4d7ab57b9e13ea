package io.modelcontrol.serving;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.Tensor;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageType;
import io.netty.buffer.ByteBufAllocator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One request whose large tensors come in pieces: puts each together in one buffer, and gives the
 * request that an INFERENCE_REQ with whole tensors would have been. Contract 3, mode {@code
 * shards}. Holds what it was given until {@link #release()} or {@link #assembled()}.
 */
final class ShardedInput {
  static final String MODE = "mode";
  static final String SHARDS = "shards";
  static final String SHAPE = "shape:";

  private final ByteBufAllocator allocator;
  private final long maxBytes;
  private final Map<String, ShardedTensor> parts = new LinkedHashMap<>(1);
  private final Message request;
  private long nextIndex;
  private long bytes;

  /**
   * @param first the first message, whose tensors are {@link #add}ed next
   * @param maxBytes of all tensors together
   * @throws McpException INVALID_ARGUMENT or INVALID_TENSOR
   */
  ShardedInput(Message first, ByteBufAllocator allocator, long maxBytes) {
    this.allocator = allocator;
    this.maxBytes = maxBytes;
    this.request =
        Message.of(MessageType.INFERENCE_REQ)
            .modelName(first.modelName())
            .modelVersion(first.modelVersion())
            .requestId(first.requestId())
            .sequenceId(first.sequenceId())
            .traceparent(first.traceparent())
            .tracestate(first.tracestate())
            .timeoutMs(first.timeoutMs());
    first.requestedOutputs().forEach(request::requestedOutput);
    first.parameters().forEach(this::addParameter);
    if (parts.isEmpty()) {
      throw invalid("a parameter shape:NAME was expected for each tensor in pieces, came none");
    }
  }

  private void addParameter(String key, String value) {
    if (key.startsWith(SHAPE)) {
      String name = key.substring(SHAPE.length());
      parts.put(name, new ShardedTensor(name, value, allocator));
    } else if (!key.equals(MODE)) {
      request.parameter(key, value);
    }
  }

  /**
   * Adds the pieces of a message and takes it over, also if this throws; what is held must be
   * released then.
   *
   * @throws McpException INVALID_ARGUMENT, INVALID_TENSOR or MESSAGE_TOO_LARGE
   */
  void add(Message message) {
    int taken = 0;
    try {
      checkIndex(message.chunkIndex());
      boolean first = nextIndex == 0;
      nextIndex++;
      for (Tensor tensor : message.tensors()) {
        count(tensor);
        ShardedTensor part = parts.get(tensor.name());
        if (part != null) {
          part.add(tensor);
          tensor.release();
        } else if (first) {
          request.tensor(tensor);
        } else {
          throw unannounced(tensor);
        }
        taken++;
      }
    } finally {
      message.tensors().stream().skip(taken).forEach(Tensor::release);
      if (message.content() != null) {
        message.content().release();
      }
    }
  }

  private void checkIndex(long index) {
    if (index >= 0 && index != nextIndex) {
      throw invalid("chunk index " + nextIndex + " was expected, came " + index);
    }
  }

  private void count(Tensor tensor) {
    bytes += tensor.byteLength();
    if (bytes > maxBytes) {
      throw McpException.streamError(
          ErrorCode.MESSAGE_TOO_LARGE,
          "the tensors of the request exceed " + maxBytes + " bytes together");
    }
  }

  private static McpException unannounced(Tensor tensor) {
    return McpException.streamError(
        ErrorCode.INVALID_TENSOR,
        "tensor '"
            + tensor.name()
            + "' came in a later message, its shape was not announced in the first");
  }

  /** Bytes that have come. */
  long bytes() {
    return bytes;
  }

  /**
   * The request, whose receiver owns its tensors.
   *
   * @throws McpException INVALID_TENSOR if bytes of a tensor are missing; what is held must be
   *     released then
   */
  Message assembled() {
    parts.values().forEach(ShardedTensor::checkComplete);
    parts.values().forEach(part -> request.tensor(part.take()));
    parts.clear();
    return request;
  }

  /** Gives up what has come. */
  void release() {
    request.release();
    parts.values().forEach(ShardedTensor::release);
    parts.clear();
  }

  private static McpException invalid(String text) {
    return McpException.streamError(ErrorCode.INVALID_ARGUMENT, text);
  }
}
