package io.modelcontrol.wire;

import io.modelcontrol.Digest;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.ErrorLevel;
import io.modelcontrol.McpException;
import io.modelcontrol.ModelId;
import io.netty.buffer.ByteBuf;

/**
 * Bytes to a message. Contract 3. Content and tensors are slices of the bytes, which live as long
 * as one of these is held; nothing is allocated for a size that is only announced. All errors are
 * of the stream: MALFORMED_MESSAGE, UNSUPPORTED_MESSAGE, UNSUPPORTED_FIELD, INVALID_ARGUMENT,
 * NEGOTIATION_FAILED, INVALID_TENSOR, UNSUPPORTED_DTYPE.
 */
public final class MessageDecoder {
  /** Bytes of a request id and of a sequence id. */
  public static final int ID_LENGTH = 16;

  /** Of identities, roles, keys, tensors and outputs. */
  static final int MAX_NAME_BYTES = 1024;

  /** W3C Trace Context asks for at least 512 in tracestate. */
  private static final int MAX_TRACE_BYTES = 1024;

  private static final int MAX_AUTH_METHOD_BYTES = 64;

  private static final String PARAMETER_KEY = "the key of a " + Tag.PARAMETER.describe();

  private final ByteBuf in;
  private final FieldReader fields;
  private Message message;

  private MessageDecoder(ByteBuf in) {
    this.in = in;
    this.fields = new FieldReader(in);
  }

  /**
   * Decodes a whole message and takes over its bytes, also if it fails. Whether fields are missing
   * is for {@link Message#validate()} to say.
   *
   * @throws McpException if the message breaks the contract
   */
  public static Message decode(ByteBuf in) {
    MessageDecoder decoder = new MessageDecoder(in);
    boolean done = false;
    try {
      decoder.readType();
      decoder.readFields();
      done = true;
      return decoder.message;
    } finally {
      if (!done && decoder.message != null) {
        decoder.message.release();
      }
      in.release();
    }
  }

  private void readType() {
    if (!in.isReadable()) {
      throw FieldReader.malformed("a message has no type");
    }
    int type = in.readUnsignedByte();
    if (type < MessageType.FIRST_APPLICATION && MessageType.of(type) == null) {
      throw McpException.streamError(
          ErrorCode.UNSUPPORTED_MESSAGE, "unknown message type " + FieldReader.hex(type));
    }
    message = new Message(type);
  }

  private void readFields() {
    for (Tag tag = fields.next(); tag != null; tag = fields.next()) {
      readField(tag);
    }
  }

  private void readField(Tag tag) {
    switch (tag) {
      case REQUEST_ID -> message.requestId(fields.bytes(tag, ID_LENGTH));
      case TRACEPARENT -> message.traceparent(ascii(tag, MAX_TRACE_BYTES));
      case TRACESTATE -> message.tracestate(ascii(tag, MAX_TRACE_BYTES));
      case TIMEOUT -> message.timeoutMs(fields.number(tag));
      case STATUS -> message.statusCode = statusCode(fields.number(tag));
      case STATUS_TEXT -> message.statusText(Text.shown(in, fields.length(), tag.describe()));
      case ERROR_LEVEL -> message.level(level(fields.bytes(tag, 1)[0]));
      case NEGOTIATION -> message.negotiation(NegotiationCodec.decode(in, fields.length()));
      case AUTH_METHOD -> message.authMethod(ascii(tag, MAX_AUTH_METHOD_BYTES));
      case CREDENTIAL -> message.credential(fields.bytes());
      case IDENTITY -> message.identity(name(tag, 0, MAX_NAME_BYTES));
      case ROLE -> message.role(name(tag, 1, MAX_NAME_BYTES));
      case SESSION_TOKEN -> message.sessionToken(fields.bytes());
      case RETRY_AFTER -> message.retryAfterMs(fields.number(tag));
      case RECEIVED -> message.received(fields.number(tag));
      case MODEL_NAME -> message.modelName(name(tag, 1, ModelId.MAX_NAME_LENGTH));
      case MODEL_VERSION -> message.modelVersion(name(tag, 1, ModelId.MAX_VERSION_LENGTH));
      case MODEL_SHA256 -> message.digest(Digest.of(fields.bytes(tag, Digest.LENGTH)));
      case MODEL_DESCRIPTOR -> message.descriptor(DescriptorCodec.decode(in, fields.length()));
      case PARAMETER -> readParameter(tag);
      case CONTENT -> message.content(Pieces.take(in, fields.length()));
      case CONTENT_OFFSET -> message.contentOffset(fields.number(tag));
      case CONTENT_SIZE -> message.contentSize(fields.number(tag));
      case TENSOR -> message.tensor(TensorCodec.decode(in, fields.length()));
      case REQUESTED_OUTPUT -> message.requestedOutput(name(tag, 1, MAX_NAME_BYTES));
      case SEQUENCE_ID -> message.sequenceId(fields.bytes(tag, ID_LENGTH));
      case CHUNK_INDEX -> message.chunkIndex(fields.number(tag));
    }
  }

  private String name(Tag tag, int minBytes, int maxBytes) {
    return Text.name(in, fields.length(), minBytes, maxBytes, tag.describe());
  }

  private String ascii(Tag tag, int maxBytes) {
    return Text.ascii(in, fields.length(), maxBytes, tag.describe());
  }

  private void readParameter(Tag tag) {
    int end = in.readerIndex() + fields.length();
    long keyLength = Varint.read(in);
    if (keyLength > end - in.readerIndex()) {
      throw FieldReader.malformed(tag.describe() + " has a key that exceeds it");
    }
    String key = Text.name(in, (int) keyLength, 1, MAX_NAME_BYTES, PARAMETER_KEY);
    String value = Text.utf8(in, end - in.readerIndex(), tag.describe());
    if (message.parameters().containsKey(key)) {
      throw FieldReader.malformed(tag.describe() + " '" + key + "' is repeated");
    }
    message.parameter(key, value);
  }

  static int statusCode(long value) {
    if (value > Integer.MAX_VALUE) {
      throw FieldReader.malformed(Tag.STATUS.describe() + " " + value + " exceeds 31 bits");
    }
    return (int) value;
  }

  static ErrorLevel level(byte value) {
    ErrorLevel level = ErrorLevel.of(value & 0xFF);
    if (level == null) {
      throw FieldReader.malformed(
          Tag.ERROR_LEVEL.describe() + " is 1 to 3, came " + (value & 0xFF));
    }
    return level;
  }
}
