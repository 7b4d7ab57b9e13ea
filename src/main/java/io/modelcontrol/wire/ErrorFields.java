package io.modelcontrol.wire;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.ErrorLevel;
import io.modelcontrol.McpException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/**
 * The payloads of RESET and GOAWAY: errors as TLV fields. Contract 1 and 3. Decoding reads a
 * payload and leaves it to its owner; a payload that cannot be read is MALFORMED_FRAME, for the
 * session.
 */
public final class ErrorFields {
  /** Longer status texts are cut. */
  static final int MAX_TEXT_BYTES = 512;

  private static final String NO_REASON = "the peer told no reason";

  private static final long MAX_STREAM_ID = 0xFFFFFFFFL;

  private ErrorFields() {}

  /**
   * What a GOAWAY says.
   *
   * @param lastStreamId unsigned: the last stream of the receiver's that was accepted
   * @param error why the session ends at once; {@code null} where it is drained
   */
  public record Goaway(int lastStreamId, McpException error) {}

  /** The error that a message tells; {@code null} if its status is none. */
  static McpException of(Message message) {
    if (message.statusCode() == ErrorCode.OK.code()) {
      return null;
    }
    ErrorCode code = message.status();
    if (!code.isError()) {
      return null;
    }
    String text = message.statusText() == null ? NO_REASON : message.statusText();
    return McpException.streamError(code, text)
        .withLevel(message.level())
        .withRetryAfterMs(Math.max(0, message.retryAfterMs()));
  }

  public static ByteBuf encodeReset(McpException error, ByteBufAllocator allocator) {
    FieldOutput out = new FieldOutput(allocator, sizeOf(error), false);
    write(out, error);
    return out.finish();
  }

  /** The error of the stream; REQUEST_CANCELED where the peer named none. */
  public static McpException decodeReset(ByteBuf payload) {
    McpException error = readSafely(payload, McpException.Scope.STREAM);
    return error != null
        ? error
        : McpException.streamError(ErrorCode.REQUEST_CANCELED, "the peer gave the stream up");
  }

  /**
   * Encodes a GOAWAY.
   *
   * @param lastStreamId unsigned: the last stream of the peer's that was accepted
   * @param errorOrNull {@code null} where the session is drained
   */
  public static ByteBuf encodeGoaway(
      int lastStreamId, McpException errorOrNull, ByteBufAllocator allocator) {
    long id = Integer.toUnsignedLong(lastStreamId);
    int size = errorOrNull == null ? 0 : sizeOf(errorOrNull);
    FieldOutput out = new FieldOutput(allocator, Varint.size(id) + size, false);
    out.varint(id, Varint.size(id));
    if (errorOrNull != null) {
      write(out, errorOrNull);
    }
    return out.finish();
  }

  public static Goaway decodeGoaway(ByteBuf payload) {
    try {
      long id = Varint.read(payload);
      if (id > MAX_STREAM_ID) {
        throw FieldReader.malformed("stream id " + id + " exceeds 32 bits");
      }
      return new Goaway((int) id, read(payload, McpException.Scope.SESSION));
    } catch (McpException e) {
      throw malformed(e);
    }
  }

  /** An error in the payload of a frame, as that of the session. */
  static McpException malformed(McpException e) {
    return McpException.sessionError(ErrorCode.MALFORMED_FRAME, e.getMessage());
  }

  private static int sizeOf(McpException error) {
    FieldSizes sizes = new FieldSizes();
    write(sizes, error);
    return sizes.inlineBytes();
  }

  private static void write(FieldWriter out, McpException error) {
    out.number(Tag.STATUS, error.code().code());
    if (error.getMessage() != null) {
      out.text(Tag.STATUS_TEXT, Text.cut(error.getMessage(), MAX_TEXT_BYTES));
    }
    if (error.level() != null) {
      out.number(Tag.ERROR_LEVEL, error.level().code());
    }
    if (error.retryAfterMs() > 0) {
      out.number(Tag.RETRY_AFTER, error.retryAfterMs());
    }
  }

  private static McpException readSafely(ByteBuf payload, McpException.Scope scope) {
    try {
      return read(payload, scope);
    } catch (McpException e) {
      throw malformed(e);
    }
  }

  /** The error, or {@code null} where the status is none. */
  private static McpException read(ByteBuf payload, McpException.Scope scope) {
    FieldReader fields = new FieldReader(payload);
    int status = ErrorCode.OK.code();
    String text = NO_REASON;
    ErrorLevel level = null;
    long retryAfterMs = 0;
    for (Tag tag = fields.next(); tag != null; tag = fields.next()) {
      switch (tag) {
        case STATUS -> status = MessageDecoder.statusCode(fields.number(tag));
        case STATUS_TEXT -> text = Text.shown(payload, fields.length(), tag.describe());
        case ERROR_LEVEL -> level = MessageDecoder.level(fields.bytes(tag, 1)[0]);
        case RETRY_AFTER -> retryAfterMs = fields.number(tag);
        default -> payload.skipBytes(fields.length());
      }
    }
    ErrorCode code = ErrorCode.of(status);
    if (!code.isError()) {
      return null;
    }
    McpException error =
        scope == McpException.Scope.STREAM
            ? McpException.streamError(code, text)
            : McpException.sessionError(code, text);
    return error.withLevel(level).withRetryAfterMs(retryAfterMs);
  }
}
