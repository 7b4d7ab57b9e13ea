package io.modelcontrol.conformance;

import static io.modelcontrol.ErrorCode.MALFORMED_FRAME;
import static io.modelcontrol.ErrorCode.UNSUPPORTED_MESSAGE;

import io.modelcontrol.wire.FrameType;
import io.modelcontrol.wire.MessageType;
import io.modelcontrol.wire.Tag;
import java.util.List;

/** PING, GOAWAY and RESET: their payloads. */
final class ControlCases {
  private static final byte[] CANCELED = Bytes.number(Tag.STATUS, 0x030A);
  private static final byte[] OPEN = Bytes.data(1, 0, (byte) 0xFE);

  private final CaseGroup group = new CaseGroup("control").section("PING");

  private ControlCases() {}

  static List<ConformanceCase> all() {
    ControlCases cases = new ControlCases();
    cases.ping();
    cases.goaway();
    cases.reset();
    return cases.group.cases();
  }

  private void ping() {
    for (int length : new int[] {0, 1, 8, 63, 64}) {
      byte[] payload = new byte[length];
      for (int i = 0; i < length; i++) {
        payload[i] = (byte) (i * 37);
      }
      group
          .script(
              State.READY,
              "returns the payload of a PING of " + length + " bytes",
              peer -> {
                peer.send(Bytes.ping(payload));
                peer.await("the same payload", f -> Peer.isReply(f, payload));
              })
          .answered();
    }
    group
        .script(
            State.READY,
            "replies on stream 0",
            peer -> {
              peer.send(Bytes.ping((byte) 1));
              ReceivedFrame reply = peer.await("the reply", f -> f.is(FrameType.PING));
              CaseFailure.check(reply.streamId() == 0, "the reply is on a stream");
            })
        .answered();
  }

  private void goaway() {
    group.section("GOAWAY");
    goaway("takes GOAWAY with the last id 2^32 - 1", Bytes.varint(0xFFFFFFFFL)).closed();
    goaway("takes GOAWAY with status OK as one without an error", id(Bytes.number(Tag.STATUS, 0)))
        .closed();
    goaway("takes GOAWAY with a code that nobody knows", id(Bytes.number(Tag.STATUS, 0x01FE)))
        .closed();
    goaway(
            "takes GOAWAY with code, text, level and retry after",
            id(
                CANCELED,
                Bytes.text(Tag.STATUS_TEXT, "enough"),
                Bytes.field(Tag.ERROR_LEVEL, (byte) 1),
                Bytes.number(Tag.RETRY_AFTER, 10)))
        .closed();
    goaway("skips an unknown field in GOAWAY", id(Bytes.field(0x7E, (byte) 1))).closed();
    goaway("refuses GOAWAY without an id", new byte[0]).goaway(MALFORMED_FRAME);
    goaway("refuses GOAWAY whose id is cut off", Bytes.bytes(0xFF)).goaway(MALFORMED_FRAME);
    goaway("refuses GOAWAY with a field that is cut off", id(Bytes.bytes(0x06, 9, 0x41)))
        .goaway(MALFORMED_FRAME);
    goaway("refuses GOAWAY with a status twice", id(CANCELED, CANCELED)).goaway(MALFORMED_FRAME);
    group
        .script(
            State.READY,
            "finishes what is open after GOAWAY, then closes",
            peer -> {
              peer.send(OPEN, Bytes.goaway(0));
              peer.checkAlive();
              peer.send(Bytes.data(1, Bytes.END));
              ReceivedMessage message = peer.message(1);
              message.expect(MessageType.STATUS);
              CaseFailure.check(message.status() == UNSUPPORTED_MESSAGE, "came " + message);
            })
        .ended();
    group
        .given(
            State.READY,
            "closes once what was open is reset after GOAWAY",
            OPEN,
            Bytes.goaway(0),
            Bytes.reset(1))
        .closed();
  }

  private static byte[] id(byte[]... fields) {
    return Bytes.join(Bytes.varint(0), Bytes.join(fields));
  }

  private CaseGroup.Draft goaway(String sentence, byte[] payload) {
    return group.given(State.READY, sentence, Bytes.frame(FrameType.GOAWAY, 0, 0, payload));
  }

  private void reset() {
    group.section("RESET");
    reset("takes RESET without a status", new byte[0]).ignored();
    reset("takes RESET with a status of more bytes than needed", Bytes.bytes(5, 3, 0x8A, 0x86, 0))
        .ignored();
    reset("takes RESET with a code that nobody knows", Bytes.number(Tag.STATUS, 0x0A00)).ignored();
    reset(
            "skips other known fields in RESET",
            Bytes.join(CANCELED, Bytes.text(Tag.MODEL_NAME, "m")))
        .ignored();
    reset("skips an unknown field in RESET", Bytes.field(0x7E, (byte) 1)).ignored();
    reset("refuses RESET with a field that is cut off", Bytes.bytes(0x06, 9, 0x41))
        .goaway(MALFORMED_FRAME);
    reset("refuses RESET with a status twice", Bytes.join(CANCELED, CANCELED))
        .goaway(MALFORMED_FRAME);
    reset("refuses RESET with a level that is none", Bytes.field(Tag.ERROR_LEVEL, (byte) 9))
        .goaway(MALFORMED_FRAME);
    reset("refuses RESET with a status above 31 bits", Bytes.number(Tag.STATUS, 1L << 31))
        .goaway(MALFORMED_FRAME);
  }

  private CaseGroup.Draft reset(String sentence, byte[] payload) {
    return group.given(State.READY, sentence, OPEN, Bytes.frame(FrameType.RESET, 0, 1, payload));
  }
}
