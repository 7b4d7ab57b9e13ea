package io.modelcontrol.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.model.OnnxScanner.Limits;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;

/** Protobuf written by hand, byte by byte, where no library would write it so. */
final class OnnxBytes {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  /** Raw bytes. */
  OnnxBytes raw(int... bytes) {
    for (int b : bytes) {
      out.write(b);
    }
    return this;
  }

  /** A tag of one byte (field numbers up to 15). */
  OnnxBytes tag(int field, int wireType) {
    return raw((field << 3) | wireType);
  }

  /** A length-delimited field with a length of up to five bytes. */
  OnnxBytes field(int field, byte[] value) {
    varint(((long) field << 3) | 2).varint(value.length);
    out.writeBytes(value);
    return this;
  }

  OnnxBytes field(int field, OnnxBytes value) {
    return field(field, value.bytes());
  }

  OnnxBytes varint(long value) {
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      out.write((int) ((rest & 0x7F) | 0x80));
      rest >>>= 7;
    }
    out.write((int) rest);
    return this;
  }

  byte[] bytes() {
    return out.toByteArray();
  }

  /** The values of bytes, 0 to 255. */
  static int[] unsigned(byte[] bytes) {
    int[] values = new int[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      values[i] = bytes[i] & 0xFF;
    }
    return values;
  }

  /** The text of the refusal, or "accepted". */
  static String reasonOf(byte[] content, Limits limits) {
    try {
      OnnxScanner.scan(ByteBuffer.wrap(content), limits);
      return "accepted";
    } catch (McpException e) {
      assertThat(e.code()).isEqualTo(ErrorCode.MODEL_REJECTED);
      return e.getMessage();
    }
  }
}
