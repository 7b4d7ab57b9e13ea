package io.modelcontrol.conformance;

import static io.modelcontrol.ErrorCode.INVALID_ARGUMENT;
import static io.modelcontrol.ErrorCode.MALFORMED_MESSAGE;
import static io.modelcontrol.ErrorCode.MODEL_NOT_FOUND;
import static io.modelcontrol.ErrorCode.UNSUPPORTED_FIELD;

import io.modelcontrol.wire.MessageType;
import io.modelcontrol.wire.Tag;
import java.util.List;

/**
 * TLV fields: their form, each tag's value, repetition. All on an inference that is well-formed.
 */
final class FieldCases {
  private static final int MAX_FIELDS = 1024;

  private final CaseGroup group = new CaseGroup("field").section("Messages");

  private FieldCases() {}

  static List<ConformanceCase> all() {
    FieldCases cases = new FieldCases();
    cases.form();
    cases.unknown();
    cases.repetition();
    cases.sizes();
    cases.numbers();
    cases.texts();
    cases.parameters();
    return cases.group.cases();
  }

  private CaseGroup.Draft given(String sentence, byte[]... fields) {
    return group.given(State.READY, sentence, Bytes.request(1, Bytes.inference(fields)));
  }

  /** The message is understood: what is wrong is only that there is no such model. */
  private void taken(String sentence, byte[]... fields) {
    given(sentence, fields).status(1, MODEL_NOT_FOUND);
  }

  private void malformed(String sentence, byte[]... fields) {
    given(sentence, fields).reset(1, MALFORMED_MESSAGE);
  }

  private void form() {
    malformed("refuses a tag without a length", Bytes.bytes(0x04));
    malformed("refuses a length that is cut off", Bytes.bytes(0x04, 0x80));
    malformed("refuses a length beyond the message", Bytes.bytes(0x04, 0x05, 0x01));
    malformed("refuses a length of 2^62", Bytes.join(Bytes.bytes(0x15), Bytes.varint(1L << 62)));
    malformed(
        "refuses a length of 64 bits",
        Bytes.bytes(0x15),
        Bytes.repeat(9, Bytes.bytes(0xFF)),
        Bytes.bytes(0x01));
    malformed(
        "refuses a length of eleven bytes",
        Bytes.bytes(0x15),
        Bytes.repeat(10, Bytes.bytes(0x80)),
        Bytes.bytes(0));
    malformed("refuses the length of a skipped field beyond the message", Bytes.bytes(0x7F, 0x09));
    taken("takes a length of more bytes than needed", Bytes.bytes(0x04, 0x81, 0x80, 0x00, 0x64));
    byte[] name = Bytes.text(Tag.MODEL_NAME, "conformance-no-such-model");
    group
        .given(
            State.READY,
            "takes fields in any order",
            Bytes.request(
                1,
                Bytes.message(
                    MessageType.INFERENCE_REQ,
                    Bytes.text(Tag.REQUESTED_OUTPUT, "y"),
                    Bytes.number(Tag.TIMEOUT, 1000),
                    Bytes.field(0x7F),
                    name,
                    Bytes.field(Tag.REQUEST_ID, new byte[16]))))
        .status(1, MODEL_NOT_FOUND);
  }

  private void unknown() {
    taken("skips the unknown tag 0x00", Bytes.field(0x00, (byte) 1));
    taken("skips the unknown tag 0x30", Bytes.field(0x30, Bytes.ascii("hello")));
    taken("skips the unknown tag 0x7F without a value", Bytes.field(0x7F));
    taken("skips an unknown tag twice", Bytes.field(0x7F), Bytes.field(0x7F));
    taken("ignores known fields without a use", Bytes.text(Tag.IDENTITY, "somebody"));
    given("refuses the critical tag 0x80", Bytes.field(0x80, (byte) 1)).reset(1, UNSUPPORTED_FIELD);
    given("refuses the critical tag 0xFF without a value", Bytes.field(0xFF))
        .reset(1, UNSUPPORTED_FIELD);
    group
        .given(
            State.READY,
            "refuses a critical tag in an application's message",
            Bytes.request(1, Bytes.message(0xFE, Bytes.field(0xC0))))
        .reset(1, UNSUPPORTED_FIELD);
    int name = 1;
    taken("takes a message of 1024 fields", Bytes.repeat(MAX_FIELDS - name, Bytes.field(0x7F)));
    malformed("refuses a message of 1025 fields", Bytes.repeat(MAX_FIELDS, Bytes.field(0x7F)));
  }

  /** A value of the right form. */
  private static byte[] valid(Tag tag) {
    return switch (tag) {
      case REQUEST_ID, SEQUENCE_ID -> Bytes.field(tag, new byte[16]);
      case MODEL_SHA256 -> Bytes.field(tag, new byte[32]);
      case ERROR_LEVEL -> Bytes.field(tag, (byte) 1);
      case NEGOTIATION -> Bytes.field(tag, Bytes.negotiation());
      case TIMEOUT -> Bytes.number(tag, 5000);
      case STATUS, RETRY_AFTER, RECEIVED, CONTENT_OFFSET, CONTENT_SIZE, CHUNK_INDEX ->
          Bytes.number(tag, 0);
      case MODEL_DESCRIPTOR ->
          Bytes.field(
              tag,
              Bytes.join(
                  Bytes.protoBytes(1, Bytes.ascii("m")), Bytes.protoBytes(2, Bytes.ascii("1"))));
      case PARAMETER -> Bytes.parameter("key", "value");
      case TENSOR -> Bytes.tensor(2, new long[] {1}, "x", new byte[1]);
      default -> Bytes.text(tag, "text");
    };
  }

  private void repetition() {
    group.section("Fields");
    for (Tag tag : Tag.values()) {
      if (!tag.isRepeatable()) {
        byte[] more = tag == Tag.MODEL_NAME ? new byte[0] : valid(tag);
        malformed("refuses " + tag + " twice", more, valid(tag));
      }
    }
    for (Tag tag : List.of(Tag.ROLE, Tag.REQUESTED_OUTPUT, Tag.TENSOR, Tag.MODEL_DESCRIPTOR)) {
      taken("takes " + tag + " twice", valid(tag), valid(tag));
    }
    taken("takes PARAMETER twice", Bytes.parameter("a", "1"), Bytes.parameter("b", "1"));
    malformed("refuses PARAMETER twice with one key", valid(Tag.PARAMETER), valid(Tag.PARAMETER));
  }

  private void sizes() {
    for (int length : new int[] {0, 15, 17}) {
      malformed("refuses a request id of " + length, Bytes.field(Tag.REQUEST_ID, new byte[length]));
    }
    malformed("refuses a sequence id of 15", Bytes.field(Tag.SEQUENCE_ID, new byte[15]));
    malformed("refuses a digest of 31", Bytes.field(Tag.MODEL_SHA256, new byte[31]));
    malformed("refuses a digest of 33", Bytes.field(Tag.MODEL_SHA256, new byte[33]));
    malformed("refuses a level without a value", Bytes.field(Tag.ERROR_LEVEL));
    malformed("refuses a level of two bytes", Bytes.field(Tag.ERROR_LEVEL, new byte[2]));
    malformed("refuses level 0", Bytes.field(Tag.ERROR_LEVEL, (byte) 0));
    malformed("refuses level 4", Bytes.field(Tag.ERROR_LEVEL, (byte) 4));
    malformed("refuses a descriptor that is no protobuf", descriptor(0x0A, 0x09));
    malformed("refuses a descriptor with a group", descriptor(0x7B, 0x7C));
  }

  private static byte[] descriptor(int... protobuf) {
    return Bytes.field(Tag.MODEL_DESCRIPTOR, Bytes.bytes(protobuf));
  }

  private void numbers() {
    malformed("refuses a number without a value", Bytes.field(Tag.TIMEOUT));
    malformed("refuses a number with bytes behind it", Bytes.field(Tag.TIMEOUT, new byte[2]));
    malformed("refuses a number that is cut off", Bytes.field(Tag.TIMEOUT, (byte) 0x80));
    malformed(
        "refuses a number of 64 bits",
        Bytes.field(
            Tag.CHUNK_INDEX, Bytes.join(Bytes.repeat(9, Bytes.bytes(0xFF)), Bytes.bytes(1))));
    taken("takes a number of 63 bits", Bytes.number(Tag.CHUNK_INDEX, Long.MAX_VALUE));
    taken(
        "takes a number of more bytes than needed",
        Bytes.field(Tag.CHUNK_INDEX, Bytes.bytes(0x85, 0x80, 0x00)));
    taken("takes a status of 31 bits", Bytes.number(Tag.STATUS, Integer.MAX_VALUE));
    malformed("refuses a status of 32 bits", Bytes.number(Tag.STATUS, 1L << 31));
    taken("cuts a timeout that is too long", Bytes.number(Tag.TIMEOUT, Long.MAX_VALUE));
  }

  private void name(String sentence, byte[] value) {
    byte[] message = Bytes.message(MessageType.INFERENCE_REQ, Bytes.field(Tag.MODEL_NAME, value));
    group.given(State.READY, sentence, Bytes.request(1, message)).failed(1, INVALID_ARGUMENT);
  }

  private void invalid(String sentence, byte[] field) {
    given(sentence, field).failed(1, INVALID_ARGUMENT);
  }

  private void texts() {
    name("refuses an empty model name", new byte[0]);
    name("refuses a model name of 256 bytes", Bytes.repeat(256, Bytes.ascii("a")));
    name("refuses a model name with a slash", Bytes.ascii("a/b"));
    name("refuses a model name that begins with a dot", Bytes.ascii("..a"));
    name("refuses a model name with a zero byte", Bytes.bytes(0x61, 0));
    name("refuses a model name with a letter beyond ASCII", Bytes.bytes(0x61, 0xC3, 0xBC));
    name("refuses a model name of broken UTF-8", Bytes.bytes(0x61, 0xFF));
    name("refuses a model name of overlong UTF-8", Bytes.bytes(0xC1, 0xA1));
    byte[] longest =
        Bytes.message(
            MessageType.INFERENCE_REQ,
            Bytes.field(Tag.MODEL_NAME, Bytes.repeat(255, Bytes.ascii("a"))));
    group
        .given(State.READY, "takes a model name of 255 bytes", Bytes.request(1, longest))
        .status(1, MODEL_NOT_FOUND);
    invalid("refuses an empty version", Bytes.text(Tag.MODEL_VERSION, ""));
    invalid("refuses a version of 65 bytes", Bytes.text(Tag.MODEL_VERSION, "1".repeat(65)));
    taken("takes a version of 64 bytes", Bytes.text(Tag.MODEL_VERSION, "1".repeat(64)));
    invalid("refuses half of a surrogate pair", Bytes.field(Tag.ROLE, surrogate()));
    invalid("refuses a status text of broken UTF-8", Bytes.field(Tag.STATUS_TEXT, (byte) 0xC3));
    taken("takes a status text with a control character", Bytes.text(Tag.STATUS_TEXT, "a\u0007"));
    invalid("refuses an empty role", Bytes.text(Tag.ROLE, ""));
    invalid("refuses a role of 1025 bytes", Bytes.text(Tag.ROLE, "r".repeat(1025)));
    invalid("refuses a role with a line break", Bytes.text(Tag.ROLE, "a\nb"));
    invalid(
        "refuses an output with an override of direction",
        Bytes.text(Tag.REQUESTED_OUTPUT, "a\u202Eb"));
    invalid("refuses an empty output", Bytes.text(Tag.REQUESTED_OUTPUT, ""));
    taken("takes an empty identity", Bytes.text(Tag.IDENTITY, ""));
    invalid("refuses an identity of 1025 bytes", Bytes.text(Tag.IDENTITY, "i".repeat(1025)));
    invalid("refuses an empty traceparent", Bytes.text(Tag.TRACEPARENT, ""));
    invalid("refuses a tracestate beyond ASCII", Bytes.text(Tag.TRACESTATE, "\u00FC"));
    invalid("refuses a traceparent of 1025 bytes", Bytes.text(Tag.TRACEPARENT, "0".repeat(1025)));
    invalid("refuses an auth method of 65 bytes", Bytes.text(Tag.AUTH_METHOD, "a".repeat(65)));
  }

  private static byte[] surrogate() {
    return Bytes.bytes(0xED, 0xA0, 0x80);
  }

  private void parameters() {
    invalid("refuses a parameter with an empty key", Bytes.field(Tag.PARAMETER, (byte) 0));
    malformed("refuses a parameter without a key", Bytes.field(Tag.PARAMETER));
    malformed(
        "refuses a parameter whose key exceeds it",
        Bytes.field(Tag.PARAMETER, (byte) 4, (byte) 'k'));
    invalid("refuses a key of 1025 bytes", Bytes.parameter("k".repeat(1025), ""));
    invalid(
        "refuses a parameter's value of broken UTF-8",
        Bytes.field(Tag.PARAMETER, (byte) 1, (byte) 'k', (byte) 0xFF));
    taken("takes a parameter with an empty value", Bytes.parameter("k", ""));
  }
}
