package io.modelcontrol.sim;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * What messages consist of: for each key another part of one block of random bytes, so that to make
 * and to check one is a copy and a comparison.
 */
final class Content {
  static final int MAX_SIZE = 1 << 18;

  private static final int STARTS = 1 << 20;
  private static final byte[] BLOCK = new byte[STARTS + MAX_SIZE];

  static {
    new SplittableRandom(1).nextBytes(BLOCK);
  }

  private final byte[] scratch = new byte[MAX_SIZE];

  static long mix(long a, long b) {
    long z = (a ^ b * 0x9E3779B97F4A7C15L) + 0x9E3779B97F4A7C15L;
    z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
    z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
    return z ^ z >>> 31;
  }

  static ByteBuf make(long key, int size, ByteBufAllocator allocator) {
    return allocator.heapBuffer(size, size).writeBytes(BLOCK, start(key), size);
  }

  boolean is(ByteBuf message, long key, int size) {
    if (message.readableBytes() != size) {
      return false;
    }
    message.getBytes(message.readerIndex(), scratch, 0, size);
    int start = start(key);
    return Arrays.equals(scratch, 0, size, BLOCK, start, start + size);
  }

  private static int start(long key) {
    return (int) key & STARTS - 1;
  }
}
