package io.modelcontrol.conformance;

import static io.modelcontrol.ErrorCode.DEADLINE_EXCEEDED;
import static io.modelcontrol.ErrorCode.IDLE_TIMEOUT;
import static io.modelcontrol.ErrorCode.NEGOTIATION_TIMEOUT;
import static io.modelcontrol.ErrorCode.NETWORK_TIMEOUT;

import io.modelcontrol.wire.FrameHeader;
import io.modelcontrol.wire.FrameType;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/** What takes its time: deadlines, with the defaults of the specification. */
final class TimeCases {
  /** A frame of 100 bytes. */
  private static final byte[] FRAME = Bytes.data(1, 0, new byte[100]);

  private final CaseGroup group = new CaseGroup("time").section("Limits and timeouts");

  private TimeCases() {}

  static List<ConformanceCase> all() {
    TimeCases cases = new TimeCases();
    cases.opening();
    cases.frames();
    cases.keepalive();
    return cases.group.cases();
  }

  private static byte[] first(int bytes) {
    return Arrays.copyOf(FRAME, bytes);
  }

  private void opening() {
    group
        .given(State.HANDSHAKING, "closes on a client that says nothing for 10 s")
        .between(5_000, 13_000)
        .silent();
    group
        .given(State.AUTH_PENDING, "ends a session that is not Ready within 10 s")
        .between(5_000, 13_000)
        .goaway(NEGOTIATION_TIMEOUT);
    group
        .given(
            State.HANDSHAKING,
            "closes on a header that is not finished within 5 s",
            first(FrameHeader.LENGTH - 1))
        .between(2_000, 9_000)
        .silent();
    group
        .given(
            State.HANDSHAKING,
            "closes on a frame that is not finished before the session has to be Ready",
            first(FrameHeader.LENGTH + 50))
        .between(5_000, 13_000)
        .silent();
  }

  private void frames() {
    group
        .given(
            State.READY,
            "ends a session for a header that is not finished within 5 s",
            first(FrameHeader.LENGTH - 1))
        .between(2_000, 9_000)
        .goaway(IDLE_TIMEOUT);
    group
        .given(State.READY, "ends a session for the first byte of a header alone", first(1))
        .between(2_000, 9_000)
        .goaway(IDLE_TIMEOUT);
    group
        .given(
            State.READY,
            "ends a session for a frame that is not finished within 15 s",
            first(FrameHeader.LENGTH + 50))
        .between(8_000, 19_000)
        .goaway(IDLE_TIMEOUT);
    group
        .given(
            State.READY,
            "resets a stream whose message is not finished within 30 s",
            Bytes.data(1, 0, (byte) 0xFE))
        .between(15_000, 36_000)
        .reset(1, DEADLINE_EXCEEDED);
  }

  private void keepalive() {
    group.section("Keepalive");
    group
        .script(
            State.HANDSHAKING,
            "sends PING to a client that is silent for the keepalive, then NETWORK_TIMEOUT",
            peer -> {
              open(peer, 1_000);
              peer.leavePingsUnanswered();
              peer.await("PING", f -> f.is(FrameType.PING));
            })
        .between(1_000, 9_000)
        .goaway(NETWORK_TIMEOUT);
    group
        .script(
            State.HANDSHAKING,
            "goes on with a client that replies",
            peer -> {
              open(peer, 1_000);
              for (int i = 0; i < 3; i++) {
                peer.await("PING", f -> f.is(FrameType.PING));
              }
            })
        .between(500, 12_000)
        .answered();
  }

  /** With a keepalive that is shorter than the server's. */
  private static void open(Peer peer, long keepaliveMs) throws IOException {
    byte[] limits = Bytes.protoNumber(5, keepaliveMs);
    peer.negotiate(Bytes.negotiation(Bytes.protoBytes(5, limits)));
    peer.authenticate();
  }
}
