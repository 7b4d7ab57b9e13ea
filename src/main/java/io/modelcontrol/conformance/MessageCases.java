package io.modelcontrol.conformance;

import static io.modelcontrol.ErrorCode.INVALID_ARGUMENT;
import static io.modelcontrol.ErrorCode.MODEL_NOT_FOUND;
import static io.modelcontrol.ErrorCode.UNSUPPORTED_MESSAGE;

import io.modelcontrol.wire.MessageType;
import io.modelcontrol.wire.Tag;
import java.util.List;

/** Each type of message as the first of a stream. */
final class MessageCases {
  private final CaseGroup group = new CaseGroup("message").section("Types");

  private MessageCases() {}

  static List<ConformanceCase> all() {
    MessageCases cases = new MessageCases();
    cases.standard();
    cases.missingFields();
    cases.others();
    return cases.group.cases();
  }

  private CaseGroup.Draft given(String sentence, byte[] message) {
    return group.given(State.READY, sentence, Bytes.request(1, message));
  }

  private void standard() {
    byte[] name = Bytes.text(Tag.MODEL_NAME, "conformance-no-such-model");
    unsupported(MessageType.NEGOTIATE_REQ, Bytes.field(Tag.NEGOTIATION, Bytes.negotiation()));
    unsupported(MessageType.NEGOTIATE_RESP, Bytes.field(Tag.NEGOTIATION, Bytes.negotiation()));
    unsupported(MessageType.AUTH_REQ, Bytes.text(Tag.AUTH_METHOD, "none"));
    unsupported(MessageType.AUTH_RESP);
    unsupported(MessageType.INFERENCE_RESULT);
    unsupported(MessageType.STATUS);
    given(
            "answers MODEL_UNLOAD_REQ of a model that is not there",
            Bytes.message(MessageType.MODEL_UNLOAD_REQ, name))
        .status(1, MODEL_NOT_FOUND);
    given(
            "answers INFERENCE_REQ of a model that is not there",
            Bytes.message(MessageType.INFERENCE_REQ, name))
        .status(1, MODEL_NOT_FOUND);
    group
        .script(
            State.READY,
            "answers STATE_SYNC",
            peer -> {
              peer.send(Bytes.request(1, Bytes.message(MessageType.STATE_SYNC)));
              peer.message(1).expect(MessageType.STATE_SYNC);
            })
        .answered();
  }

  private void unsupported(MessageType type, byte[]... fields) {
    given("does not handle " + type + " as a request", Bytes.message(type, fields))
        .status(1, UNSUPPORTED_MESSAGE);
  }

  private void missingFields() {
    byte[] name = Bytes.text(Tag.MODEL_NAME, "conformance-load");
    byte[] version = Bytes.text(Tag.MODEL_VERSION, "1");
    byte[] digest = Bytes.field(Tag.MODEL_SHA256, new byte[32]);
    byte[] size = Bytes.number(Tag.CONTENT_SIZE, 5);
    missing(MessageType.INFERENCE_REQ, Tag.MODEL_NAME);
    missing(MessageType.MODEL_UNLOAD_REQ, Tag.MODEL_NAME);
    missing(MessageType.MODEL_LOAD_REQ, Tag.MODEL_NAME, version, digest, size);
    missing(MessageType.MODEL_LOAD_REQ, Tag.MODEL_VERSION, name, digest, size);
    missing(MessageType.MODEL_LOAD_REQ, Tag.MODEL_SHA256, name, version, size);
    missing(MessageType.MODEL_LOAD_REQ, Tag.CONTENT_SIZE, name, version, digest);
    missing(MessageType.INFERENCE_STREAM, Tag.MODEL_NAME, Bytes.parameter("mode", "shards"));
  }

  private void missing(MessageType type, Tag tag, byte[]... fields) {
    given("refuses " + type + " without " + tag, Bytes.message(type, fields))
        .status(1, INVALID_ARGUMENT);
  }

  private void others() {
    for (int type : new int[] {0x00, 0x0D, 0x40, 0x7F}) {
      given(String.format("refuses message type 0x%02X", type), Bytes.message(type))
          .reset(1, UNSUPPORTED_MESSAGE);
    }
    for (int type : new int[] {0xC3, 0xFF}) {
      given(
              String.format("does not handle message type 0x%02X of an application", type),
              Bytes.message(type, Bytes.text(Tag.STATUS_TEXT, "hello")))
          .status(1, UNSUPPORTED_MESSAGE);
    }
  }
}
