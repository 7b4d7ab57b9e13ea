package io.modelcontrol;

import java.util.HashMap;
import java.util.Map;

/** Every outcome that is told to a peer. Contract 5; the wire value is field 0x05. */
public enum ErrorCode {
  /** The request succeeded; an absent status means the same. */
  OK(0x0000, null),
  /** No error: the exchange goes on, for instance with the content of a model. */
  CONTINUE(0x0001, null),

  /** A frame header or frame payload breaks section 1 of the contract. */
  MALFORMED_FRAME(0x0101, ErrorLevel.CRITICAL),
  /** The CRC-32 of a frame does not match its bytes. */
  CHECKSUM_MISMATCH(0x0102, ErrorLevel.RECOVERABLE),
  /** Client and server speak no common version. */
  VERSION_MISMATCH(0x0103, ErrorLevel.CRITICAL),
  /** More was sent than was granted, or more was granted than a window can hold. */
  FLOW_CONTROL(0x0104, ErrorLevel.CRITICAL),
  /** A critical field (tag 0x80 and up) that the receiver does not know. */
  UNSUPPORTED_FIELD(0x0105, ErrorLevel.CRITICAL),
  /** A message above the limit that its receiver announced. */
  MESSAGE_TOO_LARGE(0x0106, ErrorLevel.CRITICAL),
  /** The session did not become Ready in time. */
  NEGOTIATION_TIMEOUT(0x0107, ErrorLevel.TRANSIENT),
  /** The credential was not accepted. */
  UNAUTHENTICATED(0x0108, ErrorLevel.CRITICAL),
  /** The identity's roles do not allow the operation. */
  PERMISSION_DENIED(0x0109, ErrorLevel.CRITICAL),
  /** The fields of a message break section 3 of the contract. */
  MALFORMED_MESSAGE(0x010A, ErrorLevel.CRITICAL),
  /** A frame or message that its sender may not send in this state. */
  PROTOCOL_ERROR(0x010B, ErrorLevel.CRITICAL),
  /** The stream was never processed: it is safe to send the request again. */
  REFUSED_STREAM(0x010C, ErrorLevel.TRANSIENT),
  /** The peer floods: too many control frames, resets or empty frames. */
  ENHANCE_YOUR_CALM(0x010D, ErrorLevel.RECOVERABLE),
  /** Nothing, or too little, arrived in the time that was granted. */
  IDLE_TIMEOUT(0x010E, ErrorLevel.TRANSIENT),
  /** A required field is missing, or its value is not allowed. */
  INVALID_ARGUMENT(0x010F, ErrorLevel.CRITICAL),
  /** No handler is registered for this type of message. */
  UNSUPPORTED_MESSAGE(0x0110, ErrorLevel.CRITICAL),
  /** The stream has ended. */
  STREAM_CLOSED(0x0111, ErrorLevel.CRITICAL),
  /** The peer does not read what it asked for. */
  SLOW_CONSUMER(0x0112, ErrorLevel.RECOVERABLE),
  /** The negotiation message cannot be accepted. */
  NEGOTIATION_FAILED(0x0113, ErrorLevel.CRITICAL),
  /** The session of a token cannot be resumed: unknown, ended, or the token is not good. */
  RESUME_REJECTED(0x0114, ErrorLevel.RECOVERABLE),

  /** No model of that name, or not in that version. */
  MODEL_NOT_FOUND(0x0201, ErrorLevel.CRITICAL),
  /** The content does not have the announced SHA-256 or size. */
  MODEL_DIGEST_MISMATCH(0x0202, ErrorLevel.RECOVERABLE),
  /** A tensor's shape, size or name is not what the model or the wire format asks for. */
  INVALID_TENSOR(0x0203, ErrorLevel.CRITICAL),
  /** The data type cannot be carried into or out of the model. */
  UNSUPPORTED_DTYPE(0x0204, ErrorLevel.CRITICAL),
  /** The model's content is refused: unsafe, malformed, or not runnable here. */
  MODEL_REJECTED(0x0205, ErrorLevel.CRITICAL),
  /** Another load or update of the same model is under way or has won. */
  UPDATE_CONFLICT(0x0206, ErrorLevel.RECOVERABLE),
  /** The model is known but cannot serve at this moment. */
  MODEL_NOT_READY(0x0207, ErrorLevel.TRANSIENT),
  /** The request id was used before with another payload. */
  IDEMPOTENCY_CONFLICT(0x0208, ErrorLevel.CRITICAL),
  /** A new version of a model did not stand its trial; the one before serves. */
  UPDATE_ROLLED_BACK(0x0209, ErrorLevel.CRITICAL),

  /** The connection could not be established in time. */
  NETWORK_CONNECT_TIMEOUT(0x0301, ErrorLevel.TRANSIENT),
  /** A read or a write took too long. */
  NETWORK_TIMEOUT(0x0302, ErrorLevel.TRANSIENT),
  /** No route to the host or its network. */
  NETWORK_UNREACHABLE(0x0303, ErrorLevel.TRANSIENT),
  /** The peer reset the connection. */
  NETWORK_CONNECTION_RESET(0x0304, ErrorLevel.TRANSIENT),
  /** Any other input or output error of the network. */
  NETWORK_IO_ERROR(0x0305, ErrorLevel.TRANSIENT),
  /** Nobody serves the request at this moment. */
  SERVICE_UNAVAILABLE(0x0306, ErrorLevel.TRANSIENT),
  /** The worker's queue is full; retry after the time that is told. */
  OVERLOADED(0x0307, ErrorLevel.TRANSIENT),
  /** The model runtime failed while it executed the request. */
  RUNTIME_FAILURE(0x0308, ErrorLevel.RECOVERABLE),
  /** The deadline of the request passed. */
  DEADLINE_EXCEEDED(0x0309, ErrorLevel.RECOVERABLE),
  /** The caller canceled the request. */
  REQUEST_CANCELED(0x030A, ErrorLevel.CRITICAL),
  /** Nobody listens at the address. */
  NETWORK_CONNECTION_REFUSED(0x030B, ErrorLevel.TRANSIENT),
  /** The host name has no address. */
  NETWORK_UNRESOLVED(0x030C, ErrorLevel.RECOVERABLE),
  /** The TLS handshake or a TLS record failed. */
  NETWORK_TLS_FAILED(0x030D, ErrorLevel.CRITICAL),
  /** The connection was closed, by this side or by the peer. */
  NETWORK_CONNECTION_CLOSED(0x030E, ErrorLevel.TRANSIENT),
  /** Disk, quota or memory of the node is used up. */
  RESOURCE_EXHAUSTED(0x030F, ErrorLevel.RECOVERABLE),
  /** The last fallback. */
  UNKNOWN(0x03FF, ErrorLevel.RECOVERABLE);

  private static final Map<Integer, ErrorCode> BY_CODE = new HashMap<>();

  static {
    for (ErrorCode code : values()) {
      BY_CODE.put(code.code, code);
    }
  }

  private final int code;
  private final ErrorLevel level;

  ErrorCode(int code, ErrorLevel level) {
    this.code = code;
    this.level = level;
  }

  /** The wire value. */
  public int code() {
    return code;
  }

  /** The level, {@code null} for {@link #OK} and {@link #CONTINUE}. */
  public ErrorLevel level() {
    return level;
  }

  public ErrorLayer layer() {
    return ErrorLayer.of(code);
  }

  public boolean isError() {
    return level != null;
  }

  /**
   * The code of a wire value. A value that this version does not know falls back to the general
   * code of its layer, so that a newer peer's error keeps its meaning as far as possible.
   */
  public static ErrorCode of(long code) {
    ErrorCode known = code < 0 || code > 0xFFFF ? null : BY_CODE.get((int) code);
    if (known != null) {
      return known;
    }
    return code >= 0x0100 && code <= 0x01FF ? PROTOCOL_ERROR : UNKNOWN;
  }
}
