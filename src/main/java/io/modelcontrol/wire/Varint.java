package io.modelcontrol.wire;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.netty.buffer.ByteBuf;

/** Unsigned LEB128 of up to 63 bits. Contract, introduction. */
public final class Varint {
  /** The longest encoding that is read; 63 bits need nine bytes, a tenth may only be padding. */
  public static final int MAX_BYTES = 10;

  private Varint() {}

  /** Appends a value, which is not negative, in as few bytes as it takes. */
  public static void write(ByteBuf out, long value) {
    assert value >= 0 : "varint " + value;
    long rest = value;
    while (rest >= 0x80) {
      out.writeByte((int) rest | 0x80);
      rest >>>= 7;
    }
    out.writeByte((int) rest);
  }

  /** Bytes that {@link #write} takes. */
  public static int size(long value) {
    return (Long.SIZE - Long.numberOfLeadingZeros(value | 1) + 6) / 7;
  }

  /**
   * Reads a value; longer encodings than needed are allowed.
   *
   * @throws McpException MALFORMED_MESSAGE, for the stream, if the value is cut off or exceeds 63
   *     bits
   */
  public static long read(ByteBuf in) {
    long value = 0;
    for (int i = 0; i < MAX_BYTES; i++) {
      if (!in.isReadable()) {
        throw malformed("a varint is cut off after " + i + " bytes");
      }
      int next = in.readByte();
      if (i == MAX_BYTES - 1 && next != 0) {
        throw malformed("a varint exceeds 63 bits");
      }
      value |= (long) (next & 0x7F) << (7 * i);
      if (next >= 0) {
        return value;
      }
    }
    throw new AssertionError("the tenth byte returns or throws");
  }

  private static McpException malformed(String text) {
    return McpException.streamError(ErrorCode.MALFORMED_MESSAGE, text);
  }
}
