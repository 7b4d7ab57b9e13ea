package io.modelcontrol.client.impl;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.Tensor;
import io.modelcontrol.client.GenerationRequest;
import io.modelcontrol.client.InferenceRequest;
import io.modelcontrol.client.InferenceResult;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageType;
import java.nio.ByteBuffer;
import java.security.SecureRandom;

/** Requests to messages and messages to results. Contract 3, Infer. */
final class RequestEncoder {
  /** Ids of one client never meet, those of two only if these do; they are no secrets. */
  private final long clientId = new SecureRandom().nextLong();

  private long lastRequest;

  /** The message of a request; on the client's context only. The caller keeps its tensors. */
  Message encode(InferenceRequest request) {
    Message message =
        Message.of(MessageType.INFERENCE_REQ)
            .modelName(request.model())
            .modelVersion(request.version())
            .requestId(request.requestId() == null ? nextId() : request.requestId())
            .traceparent(request.traceparent());
    request.inputs().stream().map(Tensor::retain).forEach(message::tensor);
    request.outputs().forEach(message::requestedOutput);
    request.parameters().forEach(message::parameter);
    return message;
  }

  /** The message of a generation; on the client's context only. */
  Message encode(GenerationRequest request) {
    Message message =
        Message.of(MessageType.INFERENCE_REQ)
            .modelName(request.model())
            .modelVersion(request.version())
            .requestId(nextId())
            .traceparent(request.traceparent())
            .tensor(Tensor.of(request.input(), request.prompt()));
    request.parameters().forEach(message::parameter);
    return message.parameter("mode", "generate");
  }

  private byte[] nextId() {
    return ByteBuffer.allocate(InferenceRequest.REQUEST_ID_LENGTH)
        .putLong(clientId)
        .putLong(++lastRequest)
        .array();
  }

  /** The result that an answer holds. */
  InferenceResult decode(Message answer) {
    expect(MessageType.INFERENCE_RESULT, answer);
    return new InferenceResult(answer.tensors(), answer.parameters(), answer.modelVersion());
  }

  static Message expect(MessageType type, Message answer) {
    if (answer.standardType() != type) {
      throw McpException.streamError(
          ErrorCode.PROTOCOL_ERROR, type + " was expected, came " + answer);
    }
    return answer;
  }
}
