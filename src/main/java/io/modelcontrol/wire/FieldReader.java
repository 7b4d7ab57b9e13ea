package io.modelcontrol.wire;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.netty.buffer.ByteBuf;

/**
 * Walks through TLV fields: tag, length, value. Contract 3. Skips fields that may be skipped, and
 * refuses those that may not, repeated ones, and too many. Errors are of the stream.
 */
final class FieldReader {
  /** More fields than any message needs; each costs an object at most. */
  static final int MAX_FIELDS = 1024;

  private final ByteBuf in;
  private long seen;
  private int fields;
  private int length;

  FieldReader(ByteBuf in) {
    this.in = in;
  }

  /**
   * Goes to the next field that is known; its value stands at the reader index and is to be read
   * whole. {@code null} at the end.
   */
  Tag next() {
    while (in.isReadable()) {
      int code = in.readUnsignedByte();
      readLength(code);
      if (++fields > MAX_FIELDS) {
        throw malformed("a message has more than " + MAX_FIELDS + " fields");
      }
      if (code >= Tag.FIRST_CRITICAL) {
        throw McpException.streamError(
            ErrorCode.UNSUPPORTED_FIELD, "unknown critical field " + hex(code));
      }
      Tag tag = Tag.of(code);
      if (tag != null) {
        markSeen(tag);
        return tag;
      }
      in.skipBytes(length);
    }
    return null;
  }

  /** Bytes of the current value. */
  int length() {
    return length;
  }

  /** The current value as a varint, which must fill it. */
  long number(Tag tag) {
    int end = in.readerIndex() + length;
    int before = in.writerIndex();
    in.writerIndex(end);
    long value = Varint.read(in);
    in.writerIndex(before);
    if (in.readerIndex() != end) {
      throw malformed(tag.describe() + " has bytes behind its varint");
    }
    return value;
  }

  /** The current value as bytes. */
  byte[] bytes() {
    byte[] value = new byte[length];
    in.readBytes(value);
    return value;
  }

  /** The current value as bytes, of which there must be so many. */
  byte[] bytes(Tag tag, int expected) {
    if (length != expected) {
      throw malformed(tag.describe() + " has " + length + " bytes, must have " + expected);
    }
    return bytes();
  }

  static McpException malformed(String text) {
    return McpException.streamError(ErrorCode.MALFORMED_MESSAGE, text);
  }

  static String hex(int code) {
    return String.format("0x%02X", code);
  }

  private void readLength(int code) {
    long announced = Varint.read(in);
    if (announced > in.readableBytes()) {
      throw malformed(
          "field "
              + hex(code)
              + " announces "
              + announced
              + " bytes, "
              + in.readableBytes()
              + " are left");
    }
    length = (int) announced;
  }

  private void markSeen(Tag tag) {
    long bit = 1L << tag.code();
    if ((seen & bit) != 0 && !tag.isRepeatable()) {
      throw malformed(tag.describe() + " is repeated");
    }
    seen |= bit;
  }
}
