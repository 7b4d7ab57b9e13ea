package io.modelcontrol.wire;

/**
 * The frames of the protocol. Contract 1; types 0x80 to 0xFF are extensions, of which only our own
 * have a constant.
 */
public enum FrameType {
  /** The next bytes of a stream's current message. */
  DATA(1, FrameHeader.MAX_PAYLOAD, 0xF),
  /** Gives credit back; on UDP with the acknowledged ranges. */
  ACK(2, 1024, 0),
  /** Ends a stream both ways; error fields. */
  RESET(3, 4096, 0),
  /** 0 to 64 opaque bytes, returned unchanged. */
  PING(4, 64, FrameHeader.REPLY),
  /** The last stream id that was accepted, then error fields. */
  GOAWAY(5, 4096, 0),
  /** UDP only: the first frame of every datagram. */
  PACKET(6, 1024, 0),
  /** An extension: how many sequenced frames have arrived, where resume was negotiated. */
  RECEIVED(0x80, 16, 0);

  /** From here on types are extensions: skipped where they are not known. */
  static final int FIRST_EXTENSION = 0x80;

  private static final FrameType[] BY_CODE = {null, DATA, ACK, RESET, PING, GOAWAY, PACKET};

  private final int code;
  private final int maxPayload;
  private final int definedFlags;

  FrameType(int code, int maxPayload, int definedFlags) {
    this.code = code;
    this.maxPayload = maxPayload;
    this.definedFlags = definedFlags;
  }

  /** The wire value. */
  public int code() {
    return code;
  }

  /** The longest payload, in bytes; a header that announces more is refused before its payload. */
  public int maxPayload() {
    return maxPayload;
  }

  /** The flag bits that have a meaning; a frame with any other is refused. */
  public int definedFlags() {
    return definedFlags;
  }

  /**
   * Whether a frame of this type on that stream is one that both ends count, so that a session can
   * go on behind it on another connection.
   */
  public boolean isSequenced(int streamId) {
    return switch (this) {
      case DATA -> streamId != 0;
      case ACK, RESET, GOAWAY -> true;
      default -> false;
    };
  }

  /** The type of a wire value, or {@code null} where this version knows none. */
  public static FrameType of(int code) {
    if (code == RECEIVED.code) {
      return RECEIVED;
    }
    return code > 0 && code < BY_CODE.length ? BY_CODE[code] : null;
  }
}
