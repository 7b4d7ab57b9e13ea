package io.modelcontrol.wire;

import io.modelcontrol.Digest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/**
 * 256 numbers of 64 bits, one for each value of a byte, that look random and are the same
 * everywhere: the first eight bytes, big-endian, of the SHA-256 of {@code "MCP gear "} (ASCII) and
 * that byte. Specification, "Chunks".
 */
final class GearTable {
  private static final byte[] SEED = "MCP gear ".getBytes(StandardCharsets.US_ASCII);

  private static final long[] GEAR = make();

  private GearTable() {}

  /** The table; nobody changes it. */
  static long[] get() {
    return GEAR;
  }

  private static long[] make() {
    MessageDigest sha256 = Digest.hash();
    long[] gear = new long[256];
    for (int value = 0; value < gear.length; value++) {
      sha256.update(SEED);
      sha256.update((byte) value);
      gear[value] = ByteBuffer.wrap(sha256.digest()).getLong();
    }
    return gear;
  }
}
