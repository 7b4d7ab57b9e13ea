package io.modelcontrol.conformance;

import static io.modelcontrol.ErrorCode.INVALID_ARGUMENT;
import static io.modelcontrol.ErrorCode.MALFORMED_MESSAGE;
import static io.modelcontrol.ErrorCode.NEGOTIATION_FAILED;
import static io.modelcontrol.ErrorCode.UNSUPPORTED_FIELD;
import static io.modelcontrol.ErrorCode.UNSUPPORTED_MESSAGE;
import static io.modelcontrol.ErrorCode.VERSION_MISMATCH;

import io.modelcontrol.wire.MessageType;
import io.modelcontrol.wire.Tag;
import java.util.List;

/** NEGOTIATE_REQ: versions, limits, and protobuf at its edges. */
final class NegotiationCases {
  private static final int MAX_BYTES = 4096;

  private final CaseGroup group = new CaseGroup("negotiation").section("Negotiation");

  private NegotiationCases() {}

  static List<ConformanceCase> all() {
    NegotiationCases cases = new NegotiationCases();
    cases.versions();
    cases.selection();
    cases.limits();
    cases.protobuf();
    cases.bounds();
    cases.message();
    cases.firstFlight();
    return cases.group.cases();
  }

  private void refused(String sentence, byte[] negotiation) {
    group
        .given(State.HANDSHAKING, sentence, Bytes.negotiateRequest(negotiation))
        .goaway(NEGOTIATION_FAILED);
  }

  private void taken(String sentence, byte[] negotiation) {
    group
        .script(
            State.HANDSHAKING,
            sentence,
            peer -> {
              FieldBytes selected = peer.negotiate(negotiation);
              CaseFailure.check(
                  selected.number(1) == 0x100, "version " + selected.number(1) + " was selected");
              peer.authenticate();
              peer.send(Bytes.request(1, Bytes.unhandled()));
              peer.message(1);
            })
        .answered();
  }

  private static byte[] range(long lowest, long highest) {
    return Bytes.join(Bytes.protoNumber(1, highest), Bytes.protoNumber(4, lowest));
  }

  private void versions() {
    mismatch("refuses versions that are all older", range(0x0001, 0x00FF));
    mismatch("refuses versions that are all newer", range(0x0101, 0x0200));
    mismatch("refuses a lone newer version", Bytes.protoNumber(1, 0x0200));
    mismatch("refuses a negotiation without a version", new byte[0]);
    mismatch("refuses version 2^32 - 1 alone", Bytes.protoNumber(1, 0xFFFFFFFFL));
    taken("selects the version within a range", range(0x0001, 0x7FFFFFFF));
    taken("takes a version without a lowest one", Bytes.protoNumber(1, 0x100));
    taken("selects the highest version of both", range(0x0100, 0x0107));
  }

  private void mismatch(String sentence, byte[] negotiation) {
    group
        .given(State.HANDSHAKING, sentence, Bytes.negotiateRequest(negotiation))
        .goaway(VERSION_MISMATCH);
  }

  private static byte[] capability(String name, int value) {
    return Bytes.protoBytes(
        2, Bytes.join(Bytes.protoBytes(1, Bytes.ascii(name)), Bytes.protoNumber(2, value)));
  }

  private void selection() {
    group
        .script(
            State.HANDSHAKING,
            "selects no capability that it does not know",
            peer -> {
              FieldBytes selected =
                  peer.negotiate(Bytes.negotiation(capability("conformance-x", 1)));
              CaseFailure.check(selected.all(2).isEmpty(), "a capability was selected");
            })
        .answered();
    group
        .script(
            State.HANDSHAKING,
            "selects no capability that was not offered",
            peer -> {
              FieldBytes selected = peer.negotiate(Bytes.negotiation(capability("resume", 0)));
              CaseFailure.check(selected.all(2).isEmpty(), "a capability was selected");
            })
        .answered();
    group
        .script(
            State.HANDSHAKING,
            "announces windows of 65536 and 262144 bytes at least",
            peer -> {
              peer.negotiate(Bytes.negotiation());
              CaseFailure.check(
                  peer.limits().streamWindow() >= 65_536
                      && peer.limits().sessionWindow() >= 262_144,
                  "the server announces " + peer.limits());
            })
        .answered();
  }

  private static byte[] limits(long value) {
    byte[] limits = new byte[0];
    for (int field = 1; field <= 5; field++) {
      limits = Bytes.join(limits, Bytes.protoNumber(field, value));
    }
    return Bytes.negotiation(Bytes.protoBytes(5, limits));
  }

  private void limits() {
    taken("takes a client without limits", Bytes.negotiation());
    taken("takes empty limits", Bytes.negotiation(Bytes.protoBytes(5)));
    taken("takes limits of 0 as absent", limits(0));
    taken("takes limits of 2^31", limits(1L << 31));
    taken("takes limits of 2^32 - 1", limits(0xFFFFFFFFL));
    taken(
        "skips an unknown limit", Bytes.negotiation(Bytes.protoBytes(5, Bytes.protoNumber(19, 7))));
  }

  private void protobuf() {
    taken("skips an unknown number", Bytes.negotiation(Bytes.protoNumber(15, 7)));
    taken("skips unknown bytes", Bytes.negotiation(Bytes.protoBytes(2000, Bytes.ascii("abc"))));
    taken("skips 32 unknown fields", Bytes.negotiation(Bytes.repeat(32, Bytes.protoNumber(15, 1))));
    group.section("Protobuf");
    refused(
        "refuses 33 unknown fields", Bytes.negotiation(Bytes.repeat(33, Bytes.protoNumber(15, 1))));
    refused("refuses a second version", Bytes.negotiation(Bytes.protoNumber(1, 0x100)));
    refused("refuses limits twice", Bytes.negotiation(Bytes.protoBytes(5), Bytes.protoBytes(5)));
    refused("refuses a group", Bytes.negotiation(Bytes.bytes(0x7B, 0x7C)));
    refused("refuses a tag that is cut off", Bytes.negotiation(Bytes.bytes(0x80)));
    refused("refuses a field that is cut off", Bytes.negotiation(Bytes.bytes(0x32, 9, 'a')));
    refused("refuses field number 0", Bytes.negotiation(Bytes.bytes(0x00, 0x01)));
    refused("refuses wire type 6", Bytes.negotiation(Bytes.bytes(0x0E)));
    refused("refuses broken UTF-8", Bytes.negotiation(Bytes.bytes(0x32, 1, 0xFF)));
    group.section("Negotiation");
  }

  private static byte[] capabilities(int count, int keyLength) {
    byte[] all = new byte[0];
    for (int i = 0; i < count; i++) {
      String number = String.valueOf(100 + i);
      all = Bytes.join(all, capability("k".repeat(keyLength - number.length()) + number, 1));
    }
    return Bytes.negotiation(all);
  }

  private static byte[] extension(int bytes) {
    byte[] entry =
        Bytes.join(Bytes.protoBytes(1, Bytes.ascii("x")), Bytes.protoBytes(2, new byte[bytes]));
    return Bytes.negotiation(Bytes.protoBytes(3, entry));
  }

  private void bounds() {
    taken("takes 64 capabilities", capabilities(64, 8));
    refused("refuses 65 capabilities", capabilities(65, 8));
    taken("takes a key of 64 characters", capabilities(1, 64));
    refused("refuses a key of 65 characters", capabilities(1, 65));
    taken("takes an agent of 255 characters", agent(255));
    refused("refuses an agent of 256 characters", agent(256));
    refused(
        "refuses an agent with a line break",
        Bytes.negotiation(Bytes.protoBytes(6, Bytes.ascii("a\nb"))));
    int head = extension(4000).length - 4000;
    taken("takes 4096 bytes", extension(MAX_BYTES - head));
    refused("refuses 4097 bytes", extension(MAX_BYTES - head + 1));
  }

  private static byte[] agent(int length) {
    return Bytes.negotiation(Bytes.protoBytes(6, Bytes.ascii("a".repeat(length))));
  }

  private void message() {
    group.section("Messages");
    byte[] field = Bytes.field(Tag.NEGOTIATION, Bytes.negotiation());
    opening("refuses NEGOTIATE_REQ without its field", new byte[0])
        .goaway(NEGOTIATION_FAILED, INVALID_ARGUMENT);
    opening("refuses the field twice", Bytes.join(field, field)).goaway(MALFORMED_MESSAGE);
    opening("refuses a critical field", Bytes.join(field, Bytes.field(0x80)))
        .goaway(UNSUPPORTED_FIELD);
    opening("refuses a field that is cut off", Bytes.bytes(0x08, 9)).goaway(MALFORMED_MESSAGE);
    group
        .given(State.HANDSHAKING, "refuses message type 0x00", Bytes.opening(Bytes.message(0)))
        .goaway(UNSUPPORTED_MESSAGE);
    group
        .given(State.HANDSHAKING, "refuses a message without a type", Bytes.opening(new byte[0]))
        .goaway(MALFORMED_MESSAGE);
    group
        .script(
            State.HANDSHAKING,
            "takes a message of several frames on stream 0",
            peer -> {
              byte[] message = Bytes.message(MessageType.NEGOTIATE_REQ, field);
              Bytes.split(0, Bytes.END_MESSAGE, message, 3).forEach(peer::send);
              peer.negotiated();
            })
        .answered();
    group
        .script(
            State.HANDSHAKING,
            "skips an unknown field",
            peer -> {
              peer.send(
                  Bytes.opening(
                      Bytes.message(MessageType.NEGOTIATE_REQ, Bytes.field(0x7F), field)));
              peer.negotiated();
            })
        .answered();
  }

  private CaseGroup.Draft opening(String sentence, byte[] fields) {
    byte[] message = Bytes.message(MessageType.NEGOTIATE_REQ, fields);
    return group.given(State.HANDSHAKING, sentence, Bytes.opening(message));
  }

  private void firstFlight() {
    group.section("Opening");
    group
        .script(
            State.HANDSHAKING,
            "answers a first flight of one segment in order",
            peer -> {
              peer.send(
                  Bytes.negotiateRequest(Bytes.negotiation()),
                  Bytes.authRequest(),
                  Bytes.request(1, Bytes.inference()),
                  Bytes.request(3, Bytes.message(MessageType.STATE_SYNC)));
              peer.negotiated();
              peer.authenticated();
              peer.message(1).expect(MessageType.STATUS);
            })
        .answered();
    group.section("First flight");
    group
        .script(
            State.HANDSHAKING,
            "takes 65536 bytes on each of four streams in the first flight",
            peer -> {
              peer.send(Bytes.negotiateRequest(Bytes.negotiation()), Bytes.authRequest());
              for (int id = 1; id < 9; id += 2) {
                peer.send(Bytes.data(id, 0, new byte[65_535]), Bytes.data(id, 0, new byte[1]));
              }
              peer.negotiated();
              peer.authenticated();
            })
        .ignored();
  }
}
