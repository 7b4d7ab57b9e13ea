package io.modelcontrol.conformance;

import static io.modelcontrol.ErrorCode.ENHANCE_YOUR_CALM;
import static io.modelcontrol.ErrorCode.UNSUPPORTED_MESSAGE;

import io.modelcontrol.wire.FrameHeader;
import io.modelcontrol.wire.FrameType;
import java.io.ByteArrayOutputStream;
import java.util.List;

/** Frames that cost their sender nothing: as many as are free, and too many. */
final class AbuseCases {
  /** So many come before any budget has regained much. */
  private static final int FLOOD = 2_000;

  private final CaseGroup group = new CaseGroup("abuse").section("Abuse");

  private AbuseCases() {}

  static List<ConformanceCase> all() {
    AbuseCases cases = new AbuseCases();
    cases.control();
    cases.resets();
    cases.fragments();
    return cases.group.cases();
  }

  private void flood(String what, byte[] frame) {
    group
        .given(
            State.READY, "ends a session that floods it with " + what, Bytes.repeat(FLOOD, frame))
        .goaway(ENHANCE_YOUR_CALM);
  }

  private void free(String sentence, byte[]... frames) {
    group.given(State.READY, sentence, frames).ignored();
  }

  private void control() {
    flood("PINGs", Bytes.ping((byte) 1));
    flood("extension frames", Bytes.frame(0x90, 0, 0, new byte[0]));
    flood("RECEIVED where resume was not negotiated", Bytes.frame(0x80, 0, 0, Bytes.varint(1)));
    flood("ACKs of one byte for the session", Bytes.ack(0, 1));
    group
        .given(
            State.READY,
            "ends a session that floods it with ACKs of one byte for a stream",
            Bytes.data(1, 0, (byte) 0xFE),
            Bytes.repeat(FLOOD, Bytes.ack(1, 1)))
        .goaway(ENHANCE_YOUR_CALM);
    group
        .given(
            State.AUTH_PENDING,
            "ends a session that floods it before it is Ready",
            Bytes.repeat(FLOOD, Bytes.ping()))
        .goaway(ENHANCE_YOUR_CALM);
    free("allows ACKs of 1024 bytes", Bytes.repeat(FLOOD, Bytes.ack(0, 1024)));
    free(
        "allows replies to PING",
        Bytes.repeat(FLOOD, Bytes.frame(FrameType.PING, FrameHeader.REPLY, 0, (byte) 1)));
    group
        .script(
            State.READY,
            "allows 100 PINGs at once",
            peer -> {
              // The PING behind each case is the hundredth.
              peer.send(Bytes.repeat(99, Bytes.ping((byte) 7)));
              for (int i = 0; i < 99; i++) {
                peer.await("a reply", f -> f.is(FrameType.PING));
              }
            })
        .answered();
  }

  private static byte[] streams(int count, byte[] payload, int flags, boolean reset) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (int i = 0; i < count; i++) {
      int id = 1 + 2 * i;
      all.writeBytes(Bytes.data(id, flags, payload));
      if (reset) {
        all.writeBytes(Bytes.reset(id));
      }
    }
    return all.toByteArray();
  }

  private void resets() {
    byte[] part = Bytes.unhandled();
    group
        .given(
            State.READY,
            "ends a session that opens and resets streams",
            streams(FLOOD, part, 0, true))
        .goaway(ENHANCE_YOUR_CALM);
    free("allows 90 streams that are opened and reset", streams(90, part, 0, true));
    group
        .given(
            State.READY,
            "ends a session that makes it reset streams",
            streams(FLOOD, Bytes.message(0x00), Bytes.END, false))
        .goaway(ENHANCE_YOUR_CALM);
    group
        .given(
            State.READY,
            "counts RESETs of streams that have ended",
            Bytes.data(1, 0, part),
            Bytes.repeat(FLOOD, Bytes.reset(1)))
        .goaway(ENHANCE_YOUR_CALM);
  }

  private void fragments() {
    byte[] one = Bytes.data(1, 0, (byte) 0x7F);
    byte[] head = Bytes.data(1, 0, Bytes.bytes(0xFE, 0x7F, 0xA0, 0x1F));
    group
        .given(
            State.READY,
            "takes a message in 4002 small frames",
            head,
            Bytes.repeat(4000, one),
            Bytes.data(1, Bytes.END))
        .status(1, UNSUPPORTED_MESSAGE);
    group
        .given(
            State.READY,
            "ends a session that sends a message in 6000 small frames",
            Bytes.repeat(6000, one))
        .goaway(ENHANCE_YOUR_CALM);
    group
        .given(
            State.READY,
            "ends a session that floods it with empty frames",
            Bytes.repeat(FLOOD, Bytes.data(1, 0)))
        .goaway(ENHANCE_YOUR_CALM);
  }
}
