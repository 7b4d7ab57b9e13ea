package io.modelcontrol;

/** How a caller may react to an error. Contract 5; the wire value is field 0x07. */
public enum ErrorLevel {
  /** Never retried: the same request would fail again, or must not be repeated. */
  CRITICAL(1),
  /** Retried up to three times. */
  RECOVERABLE(2),
  /** Retried with exponential backoff and jitter, within the caller's deadline. */
  TRANSIENT(3);

  private static final ErrorLevel[] BY_CODE = {null, CRITICAL, RECOVERABLE, TRANSIENT};

  private final int code;

  ErrorLevel(int code) {
    this.code = code;
  }

  /** The wire value, 1 to 3. */
  public int code() {
    return code;
  }

  /** The level of a wire value, or {@code null} where the value is none of the three. */
  public static ErrorLevel of(int code) {
    return code > 0 && code < BY_CODE.length ? BY_CODE[code] : null;
  }
}
