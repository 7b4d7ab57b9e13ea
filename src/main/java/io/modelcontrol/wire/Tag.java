package io.modelcontrol.wire;

import java.util.Locale;

/** The fields that messages share. Contract 3. */
public enum Tag {
  REQUEST_ID(0x01),
  TRACEPARENT(0x02),
  TRACESTATE(0x03),
  TIMEOUT(0x04),
  STATUS(0x05),
  STATUS_TEXT(0x06),
  ERROR_LEVEL(0x07),
  NEGOTIATION(0x08),
  AUTH_METHOD(0x09),
  CREDENTIAL(0x0A),
  IDENTITY(0x0B),
  ROLE(0x0C, true),
  SESSION_TOKEN(0x0D),
  RETRY_AFTER(0x0E),
  RECEIVED(0x0F),
  MODEL_NAME(0x10),
  MODEL_VERSION(0x11),
  MODEL_SHA256(0x12),
  MODEL_DESCRIPTOR(0x13, true),
  PARAMETER(0x14, true),
  CONTENT(0x15),
  CONTENT_OFFSET(0x16),
  CONTENT_SIZE(0x17),
  TENSOR(0x20, true),
  REQUESTED_OUTPUT(0x21, true),
  SEQUENCE_ID(0x22),
  CHUNK_INDEX(0x23);

  /** From here on a field that is not known makes its message refused. */
  static final int FIRST_CRITICAL = 0x80;

  private static final Tag[] BY_CODE = new Tag[FIRST_CRITICAL];

  static {
    for (Tag tag : values()) {
      BY_CODE[tag.code] = tag;
    }
  }

  private final int code;
  private final boolean repeatable;
  private final String description;

  Tag(int code) {
    this(code, false);
  }

  Tag(int code, boolean repeatable) {
    this.code = code;
    this.repeatable = repeatable;
    this.description =
        name().toLowerCase(Locale.ROOT).replace('_', ' ') + String.format(" (0x%02X)", code);
  }

  /** The wire value. */
  public int code() {
    return code;
  }

  /** Whether a message may have several. */
  public boolean isRepeatable() {
    return repeatable;
  }

  /** The tag of a wire value, or {@code null} where this version knows none. */
  public static Tag of(int code) {
    return code >= 0 && code < BY_CODE.length ? BY_CODE[code] : null;
  }

  /** As errors name the field: {@code "model name (0x10)"}. */
  String describe() {
    return description;
  }
}
