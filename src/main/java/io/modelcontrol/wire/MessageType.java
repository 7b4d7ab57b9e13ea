package io.modelcontrol.wire;

/** The twelve standard messages. Contract 3; types 0x80 to 0xFF are the application's own. */
public enum MessageType {
  NEGOTIATE_REQ(0x01),
  NEGOTIATE_RESP(0x02),
  AUTH_REQ(0x03),
  AUTH_RESP(0x04),
  MODEL_LOAD_REQ(0x05),
  MODEL_UNLOAD_REQ(0x06),
  MODEL_UPDATE(0x07),
  STATE_SYNC(0x08),
  INFERENCE_REQ(0x09),
  INFERENCE_STREAM(0x0A),
  INFERENCE_RESULT(0x0B),
  STATUS(0x0C);

  /** From here on types are the application's own. */
  public static final int FIRST_APPLICATION = 0x80;

  private static final MessageType[] ALL = values();

  private final int code;

  MessageType(int code) {
    this.code = code;
  }

  /** The wire value. */
  public int code() {
    return code;
  }

  /** The type of a wire value, or {@code null} where it is none of the twelve. */
  public static MessageType of(int code) {
    return code > 0 && code <= ALL.length ? ALL[code - 1] : null;
  }

  /** As texts name a type. */
  public static String describe(int code) {
    MessageType standard = of(code);
    return standard == null ? String.format("message 0x%02X", code) : standard.toString();
  }
}
