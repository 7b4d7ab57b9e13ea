package io.modelcontrol.wire;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;

/**
 * Strict reading of text: UTF-8 without exception, and names without anything that could deceive
 * who reads them in a log or a terminal. Contract 3; errors are INVALID_ARGUMENT, for the stream.
 */
final class Text {
  private Text() {}

  /** Any UTF-8. */
  static String utf8(ByteBuf in, int length, String what) {
    byte[] bytes = new byte[length];
    in.readBytes(bytes);
    if (!isAscii(bytes) && !isUtf8(bytes)) {
      throw invalid(what + " is not UTF-8");
    }
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /** UTF-8 of limited size without control and format characters. */
  static String name(ByteBuf in, int length, int minBytes, int maxBytes, String what) {
    if (length < minBytes || length > maxBytes) {
      throw invalid(what + " has " + length + " bytes, must have " + minBytes + " to " + maxBytes);
    }
    String name = utf8(in, length, what);
    if (!isPlain(name)) {
      throw invalid(what + " has a control character");
    }
    return name;
  }

  /** Printable ASCII of limited size. */
  static String ascii(ByteBuf in, int length, int maxBytes, String what) {
    String text = name(in, length, 1, maxBytes, what);
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) > '~') {
        throw invalid(what + " is not ASCII");
      }
    }
    return text;
  }

  /** UTF-8 whose control characters are shown as spaces: an error must not fail for its text. */
  static String shown(ByteBuf in, int length, String what) {
    String text = utf8(in, length, what);
    if (isPlain(text)) {
      return text;
    }
    StringBuilder plain = new StringBuilder(text);
    for (int i = 0; i < plain.length(); i++) {
      if (isDeceptive(plain.charAt(i))) {
        plain.setCharAt(i, ' ');
      }
    }
    return plain.toString();
  }

  static boolean isPlain(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (isDeceptive(text.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  /** The longest beginning that takes at most so many bytes of UTF-8 and splits no character. */
  static String cut(String text, int maxBytes) {
    int bytes = 0;
    int end = 0;
    while (end < text.length()) {
      int codePoint = text.codePointAt(end);
      bytes += utf8Bytes(codePoint);
      if (bytes > maxBytes) {
        return text.substring(0, end);
      }
      end += Character.charCount(codePoint);
    }
    return text;
  }

  /** Most text is, and this is the fastest way to know. */
  private static boolean isAscii(byte[] bytes) {
    int all = 0;
    for (byte next : bytes) {
      all |= next;
    }
    return all >= 0;
  }

  private static boolean isUtf8(byte[] bytes) {
    return ByteBufUtil.isText(Unpooled.wrappedBuffer(bytes), StandardCharsets.UTF_8);
  }

  private static int utf8Bytes(int codePoint) {
    if (codePoint < 0x80) {
      return 1;
    }
    if (codePoint < 0x800) {
      return 2;
    }
    return codePoint < 0x10000 ? 3 : 4;
  }

  private static boolean isDeceptive(char c) {
    if (c < 0x7F) {
      return c < ' ';
    }
    return Character.isISOControl(c)
        || Character.getType(c) == Character.FORMAT
        || Character.getType(c) == Character.LINE_SEPARATOR
        || Character.getType(c) == Character.PARAGRAPH_SEPARATOR;
  }

  private static McpException invalid(String text) {
    return McpException.streamError(ErrorCode.INVALID_ARGUMENT, text);
  }
}
