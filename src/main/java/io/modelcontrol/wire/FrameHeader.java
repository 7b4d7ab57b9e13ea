package io.modelcontrol.wire;

/**
 * The 16 bytes before each payload: magic, version and flags, type, length, stream id, CRC-32.
 * Contract 1. Read and written as two longs, because that is one bounds check for eight bytes.
 */
public final class FrameHeader {
  /** Bytes of a header. */
  public static final int LENGTH = 16;

  /** "MCP\0": the first four bytes of every frame. */
  public static final int MAGIC = 0x4D435000;

  /** The major version, the high nibble of byte 4. */
  public static final int MAJOR_VERSION = 1;

  /** The most bytes that the length field can announce. */
  public static final int MAX_PAYLOAD = 65535;

  /** DATA: the message ends with this frame. */
  public static final int END_MESSAGE = 0x1;

  /** DATA: the sender's half of the stream ends with this frame. */
  public static final int END_STREAM = 0x2;

  /** DATA, on a message's first frame: the message is compressed. */
  public static final int COMPRESSED = 0x4;

  /** DATA: the payload begins with a varint, the offset of its bytes within the stream. */
  public static final int OFFSET = 0x8;

  /** PING: the answer to a PING. */
  public static final int REPLY = 0x1;

  private FrameHeader() {}

  /** Bytes 0 to 7. */
  static long first(int type, int flags, int length) {
    return ((long) MAGIC << 32) | (MAJOR_VERSION << 28) | (flags << 24) | (type << 16) | length;
  }

  static int magic(long first) {
    return (int) (first >>> 32);
  }

  static int version(long first) {
    return (int) (first >>> 28) & 0xF;
  }

  static int flags(long first) {
    return (int) (first >>> 24) & 0xF;
  }

  static int type(long first) {
    return (int) (first >>> 16) & 0xFF;
  }

  static int length(long first) {
    return (int) first & 0xFFFF;
  }

  /** Bytes 8 to 15. */
  static long second(int streamId, int crc) {
    return ((long) streamId << 32) | Integer.toUnsignedLong(crc);
  }

  static int streamId(long second) {
    return (int) (second >>> 32);
  }

  static int crc(long second) {
    return (int) second;
  }
}
