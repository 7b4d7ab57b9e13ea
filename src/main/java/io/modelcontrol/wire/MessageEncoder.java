package io.modelcontrol.wire;

import io.modelcontrol.ModelDescriptor;
import io.modelcontrol.Tensor;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayList;
import java.util.List;

/**
 * A message to bytes. Contract 3. Fields are written by tag, content and tensors last; large data
 * is not copied, so the result is a composite of it and one small buffer.
 */
public final class MessageEncoder {
  private final Message message;
  private final byte[] negotiation;
  private final List<byte[]> descriptors;

  private MessageEncoder(Message message) {
    this.message = message;
    this.negotiation =
        message.negotiation() == null ? null : NegotiationCodec.encode(message.negotiation());
    this.descriptors = encodeAll(message.descriptors());
  }

  /**
   * Encodes a message and takes over its content and its tensors, also if it fails.
   *
   * @throws ArithmeticException if the message exceeds 2^31 - 1 bytes
   */
  public static ByteBuf encode(Message message, ByteBufAllocator allocator) {
    try {
      return new MessageEncoder(message).encode(allocator);
    } finally {
      message.release();
    }
  }

  private ByteBuf encode(ByteBufAllocator allocator) {
    FieldSizes sizes = new FieldSizes();
    writeFields(sizes);
    FieldOutput out =
        new FieldOutput(allocator, Math.addExact(1, sizes.inlineBytes()), sizes.isReferring());
    boolean done = false;
    try {
      out.type(message.type());
      writeFields(out);
      done = true;
      return out.finish();
    } finally {
      if (!done) {
        out.release();
      }
    }
  }

  private void writeFields(FieldWriter out) {
    out.bytes(Tag.REQUEST_ID, message.requestId());
    out.text(Tag.TRACEPARENT, message.traceparent());
    out.text(Tag.TRACESTATE, message.tracestate());
    out.number(Tag.TIMEOUT, message.timeoutMs());
    writeStatus(out, message);
    out.bytes(Tag.NEGOTIATION, negotiation);
    writeAuth(out);
    out.number(Tag.RETRY_AFTER, message.retryAfterMs());
    out.number(Tag.RECEIVED, message.received());
    writeModel(out);
    out.texts(Tag.REQUESTED_OUTPUT, message.requestedOutputs());
    out.bytes(Tag.SEQUENCE_ID, message.sequenceId());
    out.number(Tag.CHUNK_INDEX, message.chunkIndex());
    out.data(Tag.CONTENT, message.content());
    List<Tensor> tensors = message.tensors();
    for (int i = 0; i < tensors.size(); i++) {
      out.tensor(tensors.get(i));
    }
  }

  private static void writeStatus(FieldWriter out, Message message) {
    out.number(Tag.STATUS, message.statusCode);
    out.text(Tag.STATUS_TEXT, message.statusText());
    if (message.level() != null) {
      out.number(Tag.ERROR_LEVEL, message.level().code());
    }
  }

  private void writeAuth(FieldWriter out) {
    out.text(Tag.AUTH_METHOD, message.authMethod());
    out.bytes(Tag.CREDENTIAL, message.credential());
    out.text(Tag.IDENTITY, message.identity());
    out.texts(Tag.ROLE, message.roles());
    out.bytes(Tag.SESSION_TOKEN, message.sessionToken());
  }

  private void writeModel(FieldWriter out) {
    out.text(Tag.MODEL_NAME, message.modelName());
    out.text(Tag.MODEL_VERSION, message.modelVersion());
    if (message.digest() != null) {
      out.bytes(Tag.MODEL_SHA256, message.digest().bytes());
    }
    for (int i = 0; i < descriptors.size(); i++) {
      out.bytes(Tag.MODEL_DESCRIPTOR, descriptors.get(i));
    }
    if (!message.parameters().isEmpty()) {
      message.parameters().forEach(out::parameter);
    }
    out.number(Tag.CONTENT_OFFSET, message.contentOffset());
    out.number(Tag.CONTENT_SIZE, message.contentSize());
  }

  private static List<byte[]> encodeAll(List<ModelDescriptor> descriptors) {
    if (descriptors.isEmpty()) {
      return List.of();
    }
    List<byte[]> encoded = new ArrayList<>(descriptors.size());
    descriptors.forEach(descriptor -> encoded.add(DescriptorCodec.encode(descriptor)));
    return encoded;
  }
}
