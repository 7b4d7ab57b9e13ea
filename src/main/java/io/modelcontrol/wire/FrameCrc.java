package io.modelcontrol.wire;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.zip.CRC32;

/**
 * The CRC-32 of a frame: over bytes 0 to 11 of its header, then its payload. Contract 1. One for
 * each connection and direction; not thread-safe.
 *
 * <p>The JDK's intrinsic is unbeaten on a payload but slow on the twelve bytes of a header. Those
 * go through tables, all bytes at once. The JDK's CRC cannot be started from their result; but a
 * CRC is linear, so starting anew gives the same once the difference is mixed into the next four
 * bytes.
 */
final class FrameCrc {
  /** Below this many bytes a table is faster than a call of the intrinsic. */
  private static final int SHORT_BYTES = 16;

  /** Up to this many bytes go through an array; more are read where they are. */
  private static final int COPIED_BYTES = 256;

  private static final int POLYNOMIAL = 0xEDB88320;

  /** At {@code 256 * n + b} the register after byte b and n zero bytes; n is up to 7. */
  private static final int[] TABLES = tables(8);

  /** The register after the magic, which all frames have in common. */
  private static final int AFTER_MAGIC = bytewise(~0, FrameHeader.MAGIC);

  private final CRC32 crc = new CRC32();
  private final byte[] scratch = new byte[COPIED_BYTES];
  private int register;

  /** The CRC of a frame without payload, whose header has the right magic. */
  static int ofHeader(long first, int streamId) {
    return ~afterHeader(first, streamId);
  }

  /** Begins with a header that has the right magic. */
  void start(long first, int streamId) {
    register = afterHeader(first, streamId);
  }

  /** Adds payload bytes, which are not consumed. */
  void update(ByteBuf in, int index, int length) {
    if (length < SHORT_BYTES) {
      updateShort(in, index, length);
      return;
    }
    int copied = length <= COPIED_BYTES ? length : Integer.BYTES;
    in.getBytes(index, scratch, 0, copied);
    mixRegister();
    crc.reset();
    crc.update(scratch, 0, copied);
    if (copied < length) {
      updateInPlace(in, index + copied, length - copied);
    }
    register = ~(int) crc.getValue();
  }

  int value() {
    return ~register;
  }

  private void updateShort(ByteBuf in, int index, int length) {
    int r = register;
    for (int i = index; i < index + length; i++) {
      r = (r >>> 8) ^ TABLES[(r ^ in.getByte(i)) & 0xFF];
    }
    register = r;
  }

  private void mixRegister() {
    int difference = ~register;
    scratch[0] ^= (byte) difference;
    scratch[1] ^= (byte) (difference >>> 8);
    scratch[2] ^= (byte) (difference >>> 16);
    scratch[3] ^= (byte) (difference >>> 24);
  }

  private void updateInPlace(ByteBuf in, int index, int length) {
    if (in.hasArray()) {
      crc.update(in.array(), in.arrayOffset() + index, length);
    } else if (in.nioBufferCount() == 1) {
      crc.update(in.nioBuffer(index, length));
    } else {
      for (ByteBuffer part : in.nioBuffers(index, length)) {
        crc.update(part);
      }
    }
  }

  private static int afterHeader(long first, int streamId) {
    int r = AFTER_MAGIC ^ Integer.reverseBytes((int) first);
    return TABLES[0x700 | (r & 0xFF)]
        ^ TABLES[0x600 | ((r >>> 8) & 0xFF)]
        ^ TABLES[0x500 | ((r >>> 16) & 0xFF)]
        ^ TABLES[0x400 | (r >>> 24)]
        ^ TABLES[0x300 | (streamId >>> 24)]
        ^ TABLES[0x200 | ((streamId >>> 16) & 0xFF)]
        ^ TABLES[0x100 | ((streamId >>> 8) & 0xFF)]
        ^ TABLES[streamId & 0xFF];
  }

  private static int[] tables(int count) {
    int[] tables = new int[256 * count];
    for (int b = 0; b < 256; b++) {
      int r = b;
      for (int bit = 0; bit < Byte.SIZE; bit++) {
        r = (r & 1) == 0 ? r >>> 1 : (r >>> 1) ^ POLYNOMIAL;
      }
      tables[b] = r;
    }
    for (int i = 256; i < tables.length; i++) {
      int shorter = tables[i - 256];
      tables[i] = (shorter >>> 8) ^ tables[shorter & 0xFF];
    }
    return tables;
  }

  private static int bytewise(int start, int bytes) {
    int r = start;
    for (int shift = 24; shift >= 0; shift -= Byte.SIZE) {
      r = (r >>> 8) ^ TABLES[(r ^ (bytes >>> shift)) & 0xFF];
    }
    return r;
  }
}
