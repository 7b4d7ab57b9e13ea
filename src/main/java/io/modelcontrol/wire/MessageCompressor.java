package io.modelcontrol.wire;

import com.github.luben.zstd.Zstd;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.Arrays;

/**
 * Encodes a message and compresses it where that helps: a sample is tried first, so that content
 * without redundancy costs next to nothing. Contract 1, COMPRESSED. Computes; on a worker thread.
 */
public final class MessageCompressor {
  /** The name of the algorithm: the capability that both ends must have. */
  public static final String ZSTD = "zstd";

  /** Shorter messages are sent as they are: a frame's header would eat the gain. */
  static final int LEAST_BYTES = 1024;

  /** So much of a message's middle is tried. */
  private static final int SAMPLE_BYTES = 16 * 1024;

  /** A smaller gain is not worth the receiver's time. */
  private static final int LEAST_GAIN_PERCENT = 5;

  /** The library's own default: beyond it time grows faster than what it saves on weights. */
  private static final int LEVEL = 3;

  private static final int SAMPLE_LEVEL = 1;

  private MessageCompressor() {}

  /** Whether the library works here: it unpacks native code, which not every system allows. */
  public static boolean isAvailable() {
    try {
      return Zstd.defaultCompressionLevel() > 0;
    } catch (LinkageError e) {
      return false;
    }
  }

  /** Encodes a message, which is taken over. */
  public static EncodedMessage encode(Message message, ByteBufAllocator allocator) {
    ByteBuf plain = MessageEncoder.encode(message, allocator);
    byte[] bytes = new byte[plain.readableBytes()];
    plain.getBytes(plain.readerIndex(), bytes);
    byte[] packed = bytes.length < LEAST_BYTES || !isWorthIt(bytes) ? null : pack(bytes);
    if (packed == null) {
      return new EncodedMessage(plain, false);
    }
    plain.release();
    return new EncodedMessage(Unpooled.wrappedBuffer(packed), true);
  }

  private static boolean isWorthIt(byte[] bytes) {
    int length = Math.min(SAMPLE_BYTES, bytes.length);
    int from = (bytes.length - length) / 2;
    byte[] sample = Arrays.copyOfRange(bytes, from, from + length);
    return gains(length, Zstd.compress(sample, SAMPLE_LEVEL).length);
  }

  /** The packed bytes; null if they are not worth it, or more than the receiver would unfold. */
  private static byte[] pack(byte[] bytes) {
    byte[] packed = Zstd.compress(bytes, LEVEL);
    boolean taken =
        gains(bytes.length, packed.length)
            && bytes.length <= MessageDecompressor.mostBytes(packed.length);
    return taken ? packed : null;
  }

  private static boolean gains(int plain, int packed) {
    return packed * 100L <= plain * (100L - LEAST_GAIN_PERCENT);
  }
}
