package io.modelcontrol.serving;

import io.modelcontrol.Tensor;
import io.modelcontrol.wire.Message;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;

/**
 * Tells payloads of inference requests apart: model, version, requested outputs, parameters and
 * tensors, in their order; not the timeout, nor the trace. Two checksums that the processor
 * computes, and the number of bytes. They find accidents; whoever wants to forge two payloads with
 * one fingerprint can, and fools nobody else: keys belong to an identity.
 *
 * <p>Copies no tensor. One for each thread, used again and again.
 */
final class Fingerprint {
  private static final int BUFFER_BYTES = 1024;

  private final CRC32C crc32c = new CRC32C();
  private final CRC32 crc32 = new CRC32();
  private final ByteBuffer small = ByteBuffer.allocate(BUFFER_BYTES);
  private long length;

  /** Computes the fingerprint of a request, which is read and left as it is. */
  Fingerprint of(Message request) {
    crc32c.reset();
    crc32.reset();
    small.clear();
    length = 0;
    text(request.modelName());
    text(request.modelVersion());
    number(request.requestedOutputs().size());
    request.requestedOutputs().forEach(this::text);
    number(request.parameters().size());
    for (Map.Entry<String, String> parameter : request.parameters().entrySet()) {
      text(parameter.getKey());
      text(parameter.getValue());
    }
    number(request.tensors().size());
    request.tensors().forEach(this::tensor);
    flush();
    return this;
  }

  /** Both checksums. */
  long hash() {
    return crc32c.getValue() << Integer.SIZE | crc32.getValue();
  }

  /** Bytes that were summed up. */
  long length() {
    return length;
  }

  private void tensor(Tensor tensor) {
    text(tensor.name());
    number(tensor.dataType().code());
    number(tensor.rank());
    for (int i = 0; i < tensor.rank(); i++) {
      number(tensor.dimension(i));
    }
    ByteBuf data = tensor.data();
    number(data.readableBytes());
    flush();
    if (data.nioBufferCount() == 1) {
      bytes(data.nioBuffer());
    } else {
      for (ByteBuffer part : data.nioBuffers()) {
        bytes(part);
      }
    }
  }

  private void text(String textOrNull) {
    int chars = textOrNull == null ? -1 : textOrNull.length();
    number(chars);
    for (int i = 0; i < chars; i++) {
      if (small.remaining() < Character.BYTES) {
        flush();
      }
      small.putChar(textOrNull.charAt(i));
    }
  }

  private void number(long value) {
    if (small.remaining() < Long.BYTES) {
      flush();
    }
    small.putLong(value);
  }

  private void flush() {
    small.flip();
    bytes(small);
    small.clear();
  }

  private void bytes(ByteBuffer part) {
    int start = part.position();
    length += part.remaining();
    crc32c.update(part);
    part.position(start);
    crc32.update(part);
  }
}
