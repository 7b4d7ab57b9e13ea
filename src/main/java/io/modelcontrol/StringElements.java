package io.modelcontrol;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/** The layout of STRING data: each element a varint length, then UTF-8. Contract 3. */
final class StringElements {
  /** A length below 2^31 takes at most five bytes. */
  private static final int MAX_LENGTH_BYTES = 5;

  private static final int CHARS_AT_ONCE = 256;

  private StringElements() {}

  static void writeLength(ByteBuf out, int length) {
    int rest = length;
    while (rest >= 0x80) {
      out.writeByte(rest | 0x80);
      rest >>>= 7;
    }
    out.writeByte(rest);
  }

  /** The length of the next element, or -1 where it is not a varint below 2^31. */
  static int readLength(ByteBuf in) {
    long length = 0;
    for (int i = 0; i < MAX_LENGTH_BYTES; i++) {
      if (!in.isReadable()) {
        return -1;
      }
      byte next = in.readByte();
      length |= (long) (next & 0x7F) << (7 * i);
      if (next >= 0) {
        return length > Integer.MAX_VALUE ? -1 : (int) length;
      }
    }
    return -1;
  }

  /**
   * Checks that data holds exactly so many strings.
   *
   * @throws McpException INVALID_TENSOR
   */
  static void check(String name, long elements, ByteBuf data) {
    ByteBuf in = data.duplicate();
    long left = elements;
    CharsetDecoder decoder =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    CharBuffer chars = CharBuffer.allocate(CHARS_AT_ONCE);
    while (in.isReadable()) {
      int length = readLength(in);
      if (length < 0 || length > in.readableBytes()) {
        throw invalid(name, "has a string that exceeds its data");
      }
      if (left-- == 0) {
        throw invalid(name, "has more strings than its shape, " + elements);
      }
      if (!isUtf8(decoder, in.readSlice(length), chars)) {
        throw invalid(name, "has a string that is not UTF-8");
      }
    }
    if (left != 0) {
      throw invalid(name, "has " + (elements - left) + " strings, its shape needs " + elements);
    }
  }

  private static boolean isUtf8(CharsetDecoder decoder, ByteBuf bytes, CharBuffer chars) {
    decoder.reset();
    ByteBuffer in = bytes.nioBuffer();
    CoderResult result;
    do {
      chars.clear();
      result = decoder.decode(in, chars, true);
    } while (result.isOverflow());
    return !result.isError();
  }

  private static McpException invalid(String name, String what) {
    return McpException.streamError(ErrorCode.INVALID_TENSOR, "tensor '" + name + "' " + what);
  }
}
