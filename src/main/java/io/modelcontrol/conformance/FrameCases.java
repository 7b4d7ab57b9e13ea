package io.modelcontrol.conformance;

import static io.modelcontrol.ErrorCode.CHECKSUM_MISMATCH;
import static io.modelcontrol.ErrorCode.MALFORMED_FRAME;
import static io.modelcontrol.ErrorCode.UNSUPPORTED_MESSAGE;
import static io.modelcontrol.ErrorCode.VERSION_MISMATCH;

import io.modelcontrol.wire.FrameHeader;
import io.modelcontrol.wire.FrameType;
import java.io.IOException;
import java.util.List;
import java.util.zip.CRC32;

/** The 16 bytes of a header, and how frames are cut into segments. */
final class FrameCases {
  private static final byte[] PING = Bytes.ping(Bytes.ascii("12345678"));

  private final CaseGroup group = new CaseGroup("frame").section("When the frame boundary is lost");

  private FrameCases() {}

  static List<ConformanceCase> all() {
    FrameCases cases = new FrameCases();
    cases.anotherProtocol();
    cases.headerFields();
    cases.checksums();
    cases.flagsAndLengths();
    cases.segments();
    return cases.group.cases();
  }

  private void anotherProtocol() {
    State first = State.HANDSHAKING;
    group.given(first, "closes on HTTP", Bytes.ascii("GET / HTTP/1.1\r\n\r\n")).silent();
    group
        .given(first, "closes on a TLS record", Bytes.bytes(0x16, 3, 1, 2, 0, 1, 0, 1, 0xFC, 3, 3))
        .silent();
    group.given(first, "closes at a wrong first byte", Bytes.ascii("X")).silent();
    group.given(first, "closes at a wrong second byte", Bytes.ascii("MX")).silent();
    group.given(first, "closes at a wrong third byte", Bytes.ascii("MCX")).silent();
    group.given(first, "closes at a wrong fourth byte", Bytes.bytes(0x4D, 0x43, 0x50, 1)).silent();
    group.given(first, "closes on 16 zero bytes", new byte[16]).silent();
  }

  private void headerFields() {
    for (int i = 0; i < Integer.BYTES; i++) {
      group
          .given(State.READY, "refuses byte " + i + " of the magic wrong", Bytes.flipped(PING, i))
          .goaway(MALFORMED_FRAME);
    }
    byte[] auth = Bytes.flipped(Bytes.authRequest(), 2);
    group.given(State.AUTH_PENDING, "refuses a wrong magic later", auth).goaway(MALFORMED_FRAME);
    for (int version : new int[] {0, 2, 15}) {
      byte[] ping = Bytes.frame(version, FrameType.PING.code(), 0, 0, new byte[0]);
      group
          .given(State.HANDSHAKING, "refuses major version " + version + " at first", ping)
          .goaway(VERSION_MISMATCH);
      group
          .given(State.READY, "refuses major version " + version + " later", ping)
          .goaway(VERSION_MISMATCH);
    }
  }

  private void checksums() {
    byte[] negotiate = Bytes.negotiateRequest(Bytes.negotiation());
    group
        .given(State.HANDSHAKING, "refuses a wrong CRC at first", Bytes.flipped(negotiate, 15))
        .goaway(CHECKSUM_MISMATCH);
    for (int i = 12; i < 16; i++) {
      group
          .given(State.READY, "refuses byte " + i + ", of the CRC, wrong", Bytes.flipped(PING, i))
          .goaway(CHECKSUM_MISMATCH);
    }
    group
        .given(State.READY, "covers the stream id by the CRC", Bytes.flipped(PING, 11))
        .goaway(CHECKSUM_MISMATCH);
    group
        .given(State.READY, "covers the payload by the CRC", Bytes.flipped(PING, 20))
        .goaway(CHECKSUM_MISMATCH);
    group
        .given(State.READY, "refuses a CRC of the payload alone", withCrc(PING, 16))
        .goaway(CHECKSUM_MISMATCH);
    byte[] extension = Bytes.frame(0x90, 0, 0, Bytes.ascii("skipped"));
    group
        .given(State.READY, "checks the CRC of a frame it skips", Bytes.flipped(extension, 18))
        .goaway(CHECKSUM_MISMATCH);
    group
        .script(State.READY, "never acts on a frame with a wrong CRC", FrameCases::brokenPing)
        .ended();
  }

  private static byte[] withCrc(byte[] frame, int from) {
    CRC32 crc = new CRC32();
    crc.update(frame, from, frame.length - from);
    byte[] changed = frame.clone();
    java.nio.ByteBuffer.wrap(changed).putInt(12, (int) crc.getValue());
    return changed;
  }

  private static void brokenPing(Peer peer) throws IOException {
    peer.send(Bytes.flipped(PING, 13));
    peer.await("GOAWAY", frame -> frame.is(FrameType.GOAWAY) || frame.is(FrameType.PING));
    CaseFailure.check(
        peer.seen().stream().noneMatch(frame -> frame.is(FrameType.PING)),
        "a PING with a wrong CRC was answered");
  }

  private void flagsAndLengths() {
    group.section("Frames");
    flag(FrameType.ACK, 0x1, Bytes.varint(5000));
    flag(FrameType.RESET, 0x2);
    flag(FrameType.PING, 0x2);
    flag(FrameType.PING, 0x8);
    flag(FrameType.GOAWAY, 0x1, Bytes.varint(0));
    flag(FrameType.PACKET, 0x4);
    tooLong(FrameType.ACK, 1025);
    tooLong(FrameType.RESET, 4097);
    tooLong(FrameType.PING, 65);
    tooLong(FrameType.GOAWAY, 4097);
    tooLong(FrameType.PACKET, 1025);
    group
        .given(
            State.READY,
            "skips an extension of 65535 bytes",
            Bytes.frame(0xA0, 3, 9, new byte[65535]))
        .ignored();
    group
        .given(State.READY, "takes DATA of 65535 bytes", Bytes.data(1, 0, new byte[65535]))
        .ignored();
    group.given(State.READY, "takes DATA of 0 bytes", Bytes.data(1, 0)).ignored();
    group
        .given(
            State.READY,
            "takes DATA of 1 byte that is a message",
            Bytes.request(1, Bytes.unhandled()))
        .status(1, UNSUPPORTED_MESSAGE);
  }

  private void flag(FrameType type, int flags, byte... payload) {
    group
        .given(
            State.READY,
            String.format("refuses the flag 0x%X of %s, which has no meaning", flags, type),
            Bytes.frame(type, flags, 0, payload))
        .goaway(MALFORMED_FRAME);
  }

  private void tooLong(FrameType type, int length) {
    group
        .given(
            State.READY,
            "refuses " + type + " of " + length + " bytes by its header alone",
            Bytes.header(type, 0, length))
        .goaway(MALFORMED_FRAME);
  }

  private void segments() {
    byte[] opening =
        Bytes.join(Bytes.negotiateRequest(Bytes.negotiation()), Bytes.authRequest(), PING);
    group
        .script(State.HANDSHAKING, "takes frames byte by byte", peer -> slowly(peer, opening))
        .answered();
    group
        .script(
            State.READY,
            "takes a thousand frames in one segment",
            peer -> {
              byte[] part = Bytes.data(1, 0, (byte) 0x7F);
              byte[] type = Bytes.data(1, 0, (byte) 0xFE);
              byte[] field = Bytes.data(1, 0, (byte) 0x7F, (byte) 0xE6, (byte) 0x07);
              peer.send(type, field, Bytes.repeat(998, part), Bytes.data(1, Bytes.END));
            })
        .status(1, UNSUPPORTED_MESSAGE);
    group
        .script(
            State.READY, "answers ninety PINGs of one segment in order", FrameCases::ninetyPings)
        .answered();
    group
        .script(
            State.READY,
            "closes when the peer does, within a header",
            peer -> {
              peer.send(java.util.Arrays.copyOf(PING, 7));
              peer.finish();
            })
        .closed();
    group
        .script(
            State.READY,
            "closes when the peer does, within a payload",
            peer -> {
              peer.send(java.util.Arrays.copyOf(PING, FrameHeader.LENGTH + 3));
              peer.finish();
            })
        .closed();
    group
        .script(State.HANDSHAKING, "closes when the peer does, before a byte", Peer::finish)
        .silent();
  }

  private static void slowly(Peer peer, byte[] bytes) throws IOException {
    for (byte each : bytes) {
      peer.send(new byte[] {each});
    }
    peer.negotiated();
    peer.authenticated();
    peer.await("the reply", frame -> Peer.isReply(frame, Bytes.ascii("12345678")));
  }

  private static void ninetyPings(Peer peer) throws IOException {
    byte[] all = new byte[0];
    for (int i = 0; i < 90; i++) {
      all = Bytes.join(all, Bytes.ping((byte) i));
    }
    peer.send(all);
    for (int i = 0; i < 90; i++) {
      ReceivedFrame frame = peer.await("a reply", each -> each.is(FrameType.PING));
      CaseFailure.check(
          Peer.isReply(frame, new byte[] {(byte) i}), "reply " + i + " is not the next one");
    }
  }
}
