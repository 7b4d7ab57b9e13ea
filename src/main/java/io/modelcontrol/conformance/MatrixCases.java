package io.modelcontrol.conformance;

import static io.modelcontrol.ErrorCode.MALFORMED_FRAME;
import static io.modelcontrol.ErrorCode.PROTOCOL_ERROR;
import static io.modelcontrol.ErrorCode.REFUSED_STREAM;
import static io.modelcontrol.ErrorCode.UNSUPPORTED_MESSAGE;

import io.modelcontrol.wire.FrameHeader;
import io.modelcontrol.wire.FrameType;
import io.modelcontrol.wire.MessageType;
import io.modelcontrol.wire.Tag;
import java.util.List;

/** Each kind of frame in each state of a session. */
final class MatrixCases {
  /** A stream that the state DRAINING has not opened, as stream 1. */
  private static final long STREAM = 3;

  private static final List<State> STATES =
      List.of(State.HANDSHAKING, State.AUTH_PENDING, State.READY, State.DRAINING);

  private static final byte[] ERROR = Bytes.number(Tag.STATUS, 0x0306);

  /** What each row does in Handshaking, AuthPending, Ready and while draining. */
  private enum Effect {
    PROTOCOL,
    MALFORMED,
    IGNORED,
    CLOSED,
    PONG,
    AUTHENTICATED,
    HANDLED,
    REFUSED,
    NEGOTIATED
  }

  private final CaseGroup group = new CaseGroup("matrix").section("Sessions");

  private MatrixCases() {}

  static List<ConformanceCase> all() {
    MatrixCases cases = new MatrixCases();
    cases.sessionStream();
    cases.streams();
    cases.control();
    cases.types();
    return cases.group.cases();
  }

  private void row(String what, byte[] bytes, Effect... effects) {
    for (int i = 0; i < effects.length; i++) {
      State state = STATES.get(i);
      String sentence = sentence(effects[i], what);
      expect(group.script(state, sentence, script(effects[i], bytes)), effects[i]);
    }
  }

  private static Script script(Effect effect, byte[] bytes) {
    return switch (effect) {
      case AUTHENTICATED ->
          peer -> {
            peer.send(bytes);
            peer.authenticated();
          };
      case PONG ->
          peer -> {
            peer.send(bytes);
            peer.await("the reply", frame -> Peer.isReply(frame, new byte[0]));
          };
      case NEGOTIATED ->
          peer -> {
            peer.send(bytes);
            peer.negotiated();
          };
      default -> peer -> peer.send(bytes);
    };
  }

  private static void expect(CaseGroup.Draft draft, Effect effect) {
    switch (effect) {
      case PROTOCOL -> draft.goaway(PROTOCOL_ERROR);
      case MALFORMED -> draft.goaway(MALFORMED_FRAME);
      case IGNORED -> draft.ignored();
      case CLOSED -> draft.closed();
      case PONG, AUTHENTICATED, NEGOTIATED -> draft.answered();
      case HANDLED -> draft.status(STREAM, UNSUPPORTED_MESSAGE);
      case REFUSED -> draft.reset(STREAM, REFUSED_STREAM);
    }
  }

  private static String sentence(Effect effect, String what) {
    return switch (effect) {
      case PROTOCOL, MALFORMED -> "ends the session for " + what;
      case IGNORED -> "goes on after " + what;
      case CLOSED -> "closes after " + what;
      case PONG, AUTHENTICATED, HANDLED, NEGOTIATED -> "answers " + what;
      case REFUSED -> "refuses " + what;
    };
  }

  private void sessionStream() {
    row(
        "a NEGOTIATE_REQ",
        Bytes.negotiateRequest(Bytes.negotiation()),
        Effect.NEGOTIATED,
        Effect.PROTOCOL,
        Effect.PROTOCOL,
        Effect.PROTOCOL);
    group.section("Opening");
    row(
        "an AUTH_REQ",
        Bytes.authRequest(),
        Effect.PROTOCOL,
        Effect.AUTHENTICATED,
        Effect.PROTOCOL,
        Effect.PROTOCOL);
    group.section("Sessions");
    every(
        "a NEGOTIATE_RESP",
        Bytes.opening(
            Bytes.message(
                MessageType.NEGOTIATE_RESP, Bytes.field(Tag.NEGOTIATION, Bytes.negotiation()))),
        Effect.PROTOCOL);
    every(
        "an AUTH_RESP",
        Bytes.opening(Bytes.message(MessageType.AUTH_RESP, Bytes.number(Tag.STATUS, 0))),
        Effect.PROTOCOL);
    every(
        "a STATUS on stream 0", Bytes.opening(Bytes.message(MessageType.STATUS)), Effect.PROTOCOL);
  }

  private void every(String what, byte[] bytes, Effect effect) {
    row(what, bytes, effect, effect, effect, effect);
  }

  /** Before the negotiation it is an error; afterwards it has this effect. */
  private void afterNegotiation(String what, byte[] bytes, Effect effect) {
    row(what, bytes, Effect.PROTOCOL, effect, effect, effect);
  }

  private void streams() {
    row(
        "DATA that opens a stream",
        Bytes.request(STREAM, Bytes.unhandled()),
        Effect.PROTOCOL,
        Effect.IGNORED,
        Effect.HANDLED,
        Effect.REFUSED);
    group.section("Ids");
    every(
        "DATA that opens a stream of the server's ids",
        Bytes.request(2, Bytes.unhandled()),
        Effect.PROTOCOL);
    group.section("Credit");
    afterNegotiation("ACK of the session", Bytes.ack(0, 10_000), Effect.IGNORED);
    every("ACK of a stream that was never opened", Bytes.ack(9, 10_000), Effect.PROTOCOL);
    group.section("RESET");
    every("RESET of stream 0", Bytes.reset(0), Effect.PROTOCOL);
    every("RESET of a stream that was never opened", Bytes.reset(9), Effect.PROTOCOL);
  }

  private void control() {
    group.section("PING");
    row("PING", Bytes.ping(), Effect.PROTOCOL, Effect.PONG, Effect.PONG, Effect.PONG);
    afterNegotiation(
        "a reply that it never asked for",
        Bytes.frame(FrameType.PING, FrameHeader.REPLY, 0, (byte) 1),
        Effect.IGNORED);
    group.section("GOAWAY");
    row(
        "GOAWAY without an error",
        Bytes.goaway(0),
        Effect.CLOSED,
        Effect.CLOSED,
        Effect.CLOSED,
        Effect.IGNORED);
    every(
        "GOAWAY with an error",
        Bytes.frame(FrameType.GOAWAY, 0, 0, Bytes.join(Bytes.varint(0), ERROR)),
        Effect.CLOSED);
  }

  private void types() {
    group.section("Frames");
    every("PACKET, which is of UDP", Bytes.frame(FrameType.PACKET, 0, 0), Effect.PROTOCOL);
    every("frame type 0x00", Bytes.frame(0, 0, 0, new byte[0]), Effect.MALFORMED);
    every("frame type 0x07", Bytes.frame(7, 0, 0, new byte[0]), Effect.MALFORMED);
    every("frame type 0x7F", Bytes.frame(0x7F, 0, 0, new byte[0]), Effect.MALFORMED);
    every("extension frame 0x81", Bytes.frame(0x81, 0, 0, Bytes.ascii("x")), Effect.IGNORED);
    every(
        "extension frame 0xFF with all flags on a stream",
        Bytes.frame(0xFF, 0xF, 7, Bytes.ascii("x")),
        Effect.IGNORED);
    every(
        "RECEIVED without the capability to resume",
        Bytes.frame(0x80, 0, 0, Bytes.varint(5)),
        Effect.IGNORED);
  }
}
