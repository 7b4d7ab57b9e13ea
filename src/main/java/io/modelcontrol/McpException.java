package io.modelcontrol;

/**
 * An error with a typed code: what a failed Future carries and what a peer is told. Contract 5.
 *
 * <p>The message is safe to show to the peer: it names what was expected and what came, and holds
 * no path, address, class name or stack trace. What only the operator may see goes into the cause.
 */
public final class McpException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What an error ends. */
  public enum Scope {
    /** One stream, and no other. */
    STREAM,
    /** The whole session: framing, session flow control and authentication only. */
    SESSION
  }

  private final ErrorCode code;
  private final Scope scope;
  private final ErrorLevel level;
  private final long retryAfterMs;

  private McpException(
      ErrorCode code,
      Scope scope,
      ErrorLevel level,
      String text,
      long retryAfterMs,
      Throwable cause) {
    super(text, cause, false, cause != null);
    this.code = code;
    this.scope = scope;
    this.level = level;
    this.retryAfterMs = retryAfterMs;
  }

  /** An error that ends one stream, or fails one request. */
  public static McpException streamError(ErrorCode code, String text) {
    return new McpException(code, Scope.STREAM, code.level(), text, 0, null);
  }

  /** As {@link #streamError(ErrorCode, String)}; the cause is for the operator and never sent. */
  public static McpException streamError(ErrorCode code, String text, Throwable cause) {
    return new McpException(code, Scope.STREAM, code.level(), text, 0, cause);
  }

  /** An error that ends the session. */
  public static McpException sessionError(ErrorCode code, String text) {
    return new McpException(code, Scope.SESSION, code.level(), text, 0, null);
  }

  /** As {@link #sessionError(ErrorCode, String)}; the cause is for the operator and never sent. */
  public static McpException sessionError(ErrorCode code, String text, Throwable cause) {
    return new McpException(code, Scope.SESSION, code.level(), text, 0, cause);
  }

  /** The same error with the level that the peer gave it; {@code null} keeps the code's own. */
  public McpException withLevel(ErrorLevel newLevel) {
    return newLevel == null || newLevel == level
        ? this
        : new McpException(code, scope, newLevel, getMessage(), retryAfterMs, getCause());
  }

  /** The same error with a time after which a retry is welcome, in milliseconds; 0 is none. */
  public McpException withRetryAfterMs(long newRetryAfterMs) {
    return newRetryAfterMs == retryAfterMs
        ? this
        : new McpException(code, scope, level, getMessage(), newRetryAfterMs, getCause());
  }

  public ErrorCode code() {
    return code;
  }

  public Scope scope() {
    return scope;
  }

  public ErrorLevel level() {
    return level;
  }

  /** Milliseconds after which a retry is welcome; 0 where none was told. */
  public long retryAfterMs() {
    return retryAfterMs;
  }

  /** The error that a failure stands for: itself, or UNKNOWN where it has no code of its own. */
  public static McpException of(Throwable failure) {
    return failure instanceof McpException known
        ? known
        : streamError(ErrorCode.UNKNOWN, "the request failed for an internal reason", failure);
  }

  @Override
  public String toString() {
    return code + ": " + getMessage();
  }
}
