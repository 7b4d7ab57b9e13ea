package io.modelcontrol;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The SHA-256 of a model's content: 32 bytes, field 0x12. */
public final class Digest {
  /** Bytes of a SHA-256. */
  public static final int LENGTH = 32;

  private final byte[] bytes;

  private Digest(byte[] bytes) {
    this.bytes = bytes;
  }

  /**
   * A digest of these 32 bytes, which are copied.
   *
   * @throws McpException INVALID_ARGUMENT if there are not 32
   */
  public static Digest of(byte[] bytes) {
    if (bytes == null || bytes.length != LENGTH) {
      throw McpException.streamError(
          ErrorCode.INVALID_ARGUMENT,
          "SHA-256 has " + (bytes == null ? 0 : bytes.length) + " bytes, must have " + LENGTH);
    }
    return new Digest(bytes.clone());
  }

  /** The SHA-256 of the remaining bytes of a buffer, whose position goes to its limit. */
  public static Digest sha256(ByteBuffer content) {
    MessageDigest hash = hash();
    hash.update(content);
    return new Digest(hash.digest());
  }

  /** A SHA-256 of nothing yet, for contents that come in pieces. */
  public static MessageDigest hash() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** A digest of 64 hexadecimal digits. */
  public static Digest ofHex(String hex) {
    return of(HexFormat.of().parseHex(hex));
  }

  /** A copy of the 32 bytes. */
  public byte[] bytes() {
    return bytes.clone();
  }

  /** 64 lower-case hexadecimal digits. */
  public String hex() {
    return HexFormat.of().formatHex(bytes);
  }

  /** Compares in constant time. */
  @Override
  public boolean equals(Object o) {
    return o instanceof Digest other && MessageDigest.isEqual(bytes, other.bytes);
  }

  @Override
  public int hashCode() {
    return (bytes[0] & 0xFF) | (bytes[1] & 0xFF) << 8 | (bytes[2] & 0xFF) << 16 | bytes[3] << 24;
  }

  @Override
  public String toString() {
    return hex();
  }
}
