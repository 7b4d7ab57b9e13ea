package io.modelcontrol.model;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;

/**
 * Reads protobuf's wire format from a file through a window of fixed size, so that memory does not
 * grow with the file and what is skipped is never read. Stricter than parsers are: tags and lengths
 * have one encoding only, so that no other reader can see another field than this one.
 */
final class ProtoReader {
  /** No name that is compared may be longer. */
  static final int MAX_TEXT_BYTES = 256;

  private static final int WINDOW_BYTES = 128 * 1024;
  private static final int MAX_VARINT_BYTES = 10;
  private static final long HIGH_BITS = 0x8080808080808080L;

  private final FileChannel channel;
  private final ByteBuffer window;
  private final long size;
  private long windowStart;
  private long position;

  private ProtoReader(FileChannel channel, ByteBuffer window, long size) {
    this.channel = channel;
    this.window = window;
    this.size = size;
  }

  /** Reads a file; the channel stays the caller's. */
  static ProtoReader of(FileChannel channel) throws IOException {
    return of(channel, WINDOW_BYTES);
  }

  static ProtoReader of(FileChannel channel, int windowBytes) throws IOException {
    // Direct, because a channel reads into any other buffer by way of a direct one.
    ByteBuffer window = ByteBuffer.allocateDirect(windowBytes).limit(0);
    return new ProtoReader(channel, window, channel.size());
  }

  /** Reads the remaining bytes of a buffer, whose position and limit stay as they are. */
  static ProtoReader of(ByteBuffer content) {
    return new ProtoReader(null, content.slice(), content.remaining());
  }

  long size() {
    return size;
  }

  long position() {
    return position;
  }

  void position(long newPosition) {
    position = newPosition;
  }

  /** The byte at a place, or -1 behind the end; the position stays. */
  int peek(long at) {
    if (at >= size) {
      return -1;
    }
    long before = position;
    position = at;
    int value = next(size) & 0xFF;
    position = before;
    return value;
  }

  /** A tag: field number and wire type in at most 32 bits, encoded in the shortest way. */
  int tag(long end) {
    byte first = next(end);
    if (first >= 1 << 3) {
      // Field numbers up to 15: one byte, which cannot be encoded in another way.
      return first;
    }
    position--;
    long tag = shortest("tag", end);
    if (tag >>> 3 == 0 || tag > 0xFFFFFFFFL) {
      throw OnnxRejection.PARSE.because("field number " + (tag >>> 3) + " does not exist");
    }
    return (int) tag;
  }

  /** Reads the next tag if it is this one, of a single byte; else the position stays. */
  boolean takes(int tag, long end) {
    if (position >= end) {
      return false;
    }
    if (next(end) == tag) {
      return true;
    }
    position--;
    return false;
  }

  /** A length that fits in before {@code end}, encoded in the shortest way. */
  long length(long end) {
    long length = shortest("length", end);
    if (length < 0 || length > end - position) {
      throw OnnxRejection.PARSE.because(
          "a length of "
              + Long.toUnsignedString(length)
              + " exceeds the "
              + (end - position)
              + " bytes that are left");
    }
    return length;
  }

  /** A number of up to 64 bits. */
  long varint(long end) {
    long value = 0;
    for (int i = 0; i < MAX_VARINT_BYTES; i++) {
      byte next = next(end);
      value |= (long) (next & 0x7F) << (7 * i);
      if (next >= 0) {
        return value;
      }
    }
    throw OnnxRejection.PARSE.because("a number has more than 64 bits");
  }

  /** How many numbers are packed into the next bytes; they are read over. */
  long countVarints(long length) {
    long end = position + length;
    long count = 0;
    boolean complete = true;
    while (position < end) {
      fill();
      int from = (int) (position - windowStart);
      int bytes = (int) Math.min(window.limit() - from, end - position);
      count += countEnds(from, from + bytes);
      complete = window.get(from + bytes - 1) >= 0;
      position += bytes;
    }
    if (!complete) {
      throw OnnxRejection.PARSE.because("a list of numbers ends within a number");
    }
    return count;
  }

  /**
   * The next bytes as text, cut at {@link #MAX_TEXT_BYTES}; one character for each byte, so that
   * two different names never read the same.
   */
  String text(long length) {
    int bytes = (int) Math.min(length, MAX_TEXT_BYTES);
    byte[] text = new byte[bytes];
    for (int i = 0; i < bytes; i++) {
      text[i] = next(size);
    }
    position += length - bytes;
    return new String(text, StandardCharsets.ISO_8859_1);
  }

  void skip(long bytes, long end) {
    if (bytes > end - position) {
      throw endsEarly();
    }
    position += bytes;
  }

  private long shortest(String what, long end) {
    long start = position;
    long value = varint(end);
    long bits = Math.max(1, Long.SIZE - Long.numberOfLeadingZeros(value));
    if (position - start != (bits + 6) / 7) {
      throw OnnxRejection.PARSE.because("a " + what + " is not encoded in the shortest way");
    }
    return value;
  }

  private byte next(long end) {
    if (position >= end) {
      throw endsEarly();
    }
    fill();
    return window.get((int) (position++ - windowStart));
  }

  /** Counts the bytes that end a number: those without the continuation bit. */
  private int countEnds(int from, int to) {
    int ends = 0;
    int i = from;
    for (; i + Long.BYTES <= to; i += Long.BYTES) {
      ends += Long.bitCount(~window.getLong(i) & HIGH_BITS);
    }
    for (; i < to; i++) {
      ends += window.get(i) >= 0 ? 1 : 0;
    }
    return ends;
  }

  private void fill() {
    if (position >= windowStart && position - windowStart < window.limit()) {
      return;
    }
    window.clear();
    windowStart = position;
    try {
      int read = 0;
      while (window.hasRemaining() && read >= 0) {
        read = channel.read(window, windowStart + window.position());
      }
    } catch (IOException e) {
      throw McpException.streamError(
          ErrorCode.RUNTIME_FAILURE, "the content of the model cannot be read", e);
    }
    window.flip();
    if (!window.hasRemaining()) {
      throw endsEarly();
    }
  }

  private static McpException endsEarly() {
    return OnnxRejection.PARSE.because("the content ends within a field");
  }
}
