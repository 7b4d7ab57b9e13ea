package io.modelcontrol.wire;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.netty.buffer.ByteBuf;

/**
 * What the header of a zstd frame claims (RFC 8878, 3.1.1.1), read before the library sees it: the
 * library would allocate the window that is claimed.
 *
 * @param windowBytes that a decoder has to keep
 * @param contentBytes that the frame unfolds to; -1 where it does not tell
 */
record ZstdFrame(long windowBytes, long contentBytes) {
  /** RFC 8878 asks decoders to take windows up to here, and encoders to stay below. */
  static final int MAX_WINDOW_BYTES = 8 * 1024 * 1024;

  private static final int MAGIC = 0xFD2FB528;
  private static final int SINGLE_SEGMENT = 0x20;
  private static final int RESERVED = 0x08;
  private static final int DICTIONARY = 0x03;

  /**
   * Reads the header, from a copy of the reader index.
   *
   * @throws McpException MALFORMED_MESSAGE if no frame without a dictionary begins here;
   *     MESSAGE_TOO_LARGE if its window exceeds {@link #MAX_WINDOW_BYTES}
   */
  static ZstdFrame read(ByteBuf message) {
    ByteBuf in = message.slice();
    try {
      if (in.readIntLE() != MAGIC) {
        throw malformed("a compressed message must begin with the magic of a zstd frame");
      }
      return read(in, in.readUnsignedByte());
    } catch (IndexOutOfBoundsException e) {
      throw malformed("the header of the zstd frame is cut off");
    }
  }

  private static ZstdFrame read(ByteBuf in, int descriptor) {
    if ((descriptor & (RESERVED | DICTIONARY)) != 0) {
      throw malformed("a zstd frame with a dictionary or reserved bits");
    }
    boolean single = (descriptor & SINGLE_SEGMENT) != 0;
    long window = single ? 0 : window(in.readUnsignedByte());
    long content = content(in, descriptor >>> 6, single);
    ZstdFrame frame = new ZstdFrame(single ? content : window, content);
    if (frame.windowBytes > MAX_WINDOW_BYTES) {
      throw McpException.streamError(
          ErrorCode.MESSAGE_TOO_LARGE,
          "a zstd window of "
              + frame.windowBytes
              + " bytes, at most "
              + MAX_WINDOW_BYTES
              + " are kept");
    }
    return frame;
  }

  private static long window(int descriptor) {
    long base = 1L << (10 + (descriptor >>> 3));
    return base + base / 8 * (descriptor & 7);
  }

  private static long content(ByteBuf in, int sizeFlag, boolean single) {
    return switch (sizeFlag) {
      case 0 -> single ? in.readUnsignedByte() : -1;
      case 1 -> in.readUnsignedShortLE() + 256;
      case 2 -> in.readUnsignedIntLE();
      default -> unsigned(in.readLongLE());
    };
  }

  private static long unsigned(long value) {
    return value < 0 ? Long.MAX_VALUE : value;
  }

  private static McpException malformed(String text) {
    return McpException.streamError(ErrorCode.MALFORMED_MESSAGE, text);
  }
}
