package io.modelcontrol.conformance;

import static io.modelcontrol.ErrorCode.FLOW_CONTROL;
import static io.modelcontrol.ErrorCode.MALFORMED_FRAME;
import static io.modelcontrol.ErrorCode.MESSAGE_TOO_LARGE;
import static io.modelcontrol.ErrorCode.UNSUPPORTED_MESSAGE;

import io.modelcontrol.wire.FrameType;
import io.modelcontrol.wire.MessageType;
import io.modelcontrol.wire.Tag;
import java.io.IOException;
import java.util.List;

/** Windows, both ways: what is granted, to the byte. */
final class CreditCases {
  private static final int FRAME = 16_384;
  private static final long MAX_WINDOW = Integer.MAX_VALUE;

  /** Windows above this would take too long to fill. */
  private static final long REASONABLE = 64L << 20;

  /** What a client that announces nothing accepts. */
  private static final long STREAM_WINDOW = 65_536;

  private static final long SESSION_WINDOW = 262_144;

  private final CaseGroup group = new CaseGroup("credit").section("Credit");

  private CreditCases() {}

  static List<ConformanceCase> all() {
    CreditCases cases = new CreditCases();
    cases.received();
    cases.givenBack();
    cases.overflow();
    cases.malformed();
    cases.obeyed();
    cases.size();
    return cases.group.cases();
  }

  /** Before it is Ready a server gives nothing back, so that the bytes can be counted. */
  private void received() {
    stream("takes a stream window less a byte", -1).ignored();
    stream("takes a stream window to the byte", 0).ignored();
    stream("refuses a byte beyond the stream window", 1).reset(1, FLOW_CONTROL);
    stream("refuses a frame beyond the stream window", FRAME).reset(1, FLOW_CONTROL);
    session("takes a session window less a byte", -1).ignored();
    session("takes a session window to the byte", 0).ignored();
    session("refuses a byte beyond the session window", 1).goaway(FLOW_CONTROL);
    group
        .script(
            State.AUTH_PENDING,
            "goes on with other streams after one exceeded its window",
            peer -> {
              fill(peer, 1, reasonable(peer.limits().streamWindow()) + 1);
              peer.await("RESET", f -> f.isOn(FrameType.RESET, 1));
              peer.send(Bytes.request(3, Bytes.unhandled()));
              peer.authenticate();
            })
        .status(3, UNSUPPORTED_MESSAGE);
  }

  private CaseGroup.Draft stream(String sentence, long more) {
    return group.script(
        State.AUTH_PENDING,
        sentence,
        peer -> fill(peer, 1, reasonable(peer.limits().streamWindow()) + more));
  }

  private CaseGroup.Draft session(String sentence, long more) {
    return group.script(State.AUTH_PENDING, sentence, peer -> fillSession(peer, more));
  }

  private static void fillSession(Peer peer, long more) {
    long window = reasonable(peer.limits().streamWindow());
    long left = reasonable(peer.limits().sessionWindow()) + more;
    for (long id = 1; left > 0; id += 2) {
      CaseFailure.check(id < 2 * peer.limits().streams(), "the session window is never full");
      long part = Math.min(left, window);
      fill(peer, id, part);
      left -= part;
    }
  }

  /** Sends so many bytes of a message that is not whole. */
  private static void fill(Peer peer, long streamId, long bytes) {
    byte[] full = Bytes.data(streamId, 0, new byte[FRAME]);
    for (long left = bytes; left > 0; left -= FRAME) {
      peer.send(left >= FRAME ? full : Bytes.data(streamId, 0, new byte[(int) left]));
    }
  }

  private static long reasonable(long window) {
    if (window > REASONABLE) {
      throw CaseFailure.skipped("the server announces a window of " + window + " bytes");
    }
    return window;
  }

  private void givenBack() {
    group
        .script(
            State.AUTH_PENDING,
            "gives back, once Ready, what came before",
            peer -> {
              fill(peer, 1, reasonable(peer.limits().streamWindow()));
              peer.authenticate();
              awaitCredit(peer, 1);
            })
        .answered();
    group
        .script(
            State.READY,
            "gives a stream's credit back before its window is used up for good",
            peer -> {
              fill(peer, 1, reasonable(peer.limits().streamWindow()));
              awaitCredit(peer, 1);
            })
        .answered();
    group
        .script(
            State.READY,
            "gives the session's credit back",
            peer -> {
              fillSession(peer, 0);
              awaitCredit(peer, 0);
            })
        .answered();
    group
        .script(State.READY, "merges credit instead of an ACK for each frame", CreditCases::merged)
        .answered();
    group
        .script(
            State.READY,
            "takes a message of three windows from who obeys its credit",
            peer -> sendWithCredit(peer, 3 * reasonable(peer.limits().streamWindow())))
        .status(1, UNSUPPORTED_MESSAGE);
  }

  private static void awaitCredit(Peer peer, long streamId) throws IOException {
    ReceivedFrame ack = peer.await("ACK", f -> f.isOn(FrameType.ACK, streamId));
    CaseFailure.check(FieldBytes.varint(ack.payload(), 0) > 0, "an ACK of no credit");
  }

  private static void merged(Peer peer) throws IOException {
    int frames = 200;
    byte[] one = Bytes.data(1, 0, new byte[(int) (STREAM_WINDOW / frames)]);
    peer.send(Bytes.repeat(frames, one));
    peer.checkAlive();
    long acks = peer.seen().stream().filter(f -> f.is(FrameType.ACK)).count();
    CaseFailure.check(acks <= frames / 4, acks + " ACKs for " + frames + " frames");
  }

  /** One message of so many bytes, in a field that is skipped, as credit allows. */
  private static void sendWithCredit(Peer peer, long bytes) throws IOException {
    byte[] head = Bytes.join(Bytes.bytes(0xFE, 0x7F), Bytes.varint(bytes));
    long stream = peer.limits().streamWindow();
    long session = peer.limits().sessionWindow();
    long left = bytes;
    byte[] next = head;
    while (true) {
      if (stream >= FRAME + head.length && session >= FRAME + head.length) {
        peer.send(Bytes.data(1, left == 0 ? Bytes.END : 0, next));
        stream -= next.length;
        session -= next.length;
        if (left == 0) {
          return;
        }
        next = new byte[(int) Math.min(left, FRAME)];
        left -= next.length;
      } else {
        ReceivedFrame frame = peer.await("ACK", f -> f.is(FrameType.ACK) || f.is(FrameType.RESET));
        if (frame.is(FrameType.RESET)) {
          throw CaseFailure.failed("expected ACK, came " + frame);
        }
        long credit = FieldBytes.varint(frame.payload(), 0);
        stream += frame.streamId() == 1 ? credit : 0;
        session += frame.streamId() == 0 ? credit : 0;
      }
    }
  }

  private void overflow() {
    byte[] open = Bytes.data(1, 0, (byte) 0xFE);
    credit(
            "lets a stream's window grow to 2^31 - 1",
            open,
            Bytes.ack(1, MAX_WINDOW - STREAM_WINDOW))
        .ignored();
    credit("refuses a stream's window of 2^31", open, Bytes.ack(1, MAX_WINDOW - STREAM_WINDOW + 1))
        .reset(1, FLOW_CONTROL);
    credit("refuses credit of 2^31 - 1 for a stream", open, Bytes.ack(1, MAX_WINDOW))
        .reset(1, FLOW_CONTROL);
    credit("refuses credit of 2^62 for a stream", open, Bytes.ack(1, 1L << 62))
        .reset(1, FLOW_CONTROL);
    credit(
            "refuses a stream's window that grows too large in steps",
            open,
            Bytes.ack(1, 1L << 30),
            Bytes.ack(1, 1L << 30))
        .reset(1, FLOW_CONTROL);
    credit("lets the session's window grow to 2^31 - 1", Bytes.ack(0, MAX_WINDOW - SESSION_WINDOW))
        .ignored();
    credit("refuses a session's window of 2^31", Bytes.ack(0, MAX_WINDOW - SESSION_WINDOW + 1))
        .goaway(FLOW_CONTROL);
    credit("refuses credit of 2^62 for the session", Bytes.ack(0, 1L << 62)).goaway(FLOW_CONTROL);
    credit(
            "refuses a session's window that grows too large in steps",
            Bytes.ack(0, 1L << 30),
            Bytes.ack(0, 1L << 30))
        .goaway(FLOW_CONTROL);
  }

  private CaseGroup.Draft credit(String sentence, byte[]... bytes) {
    return group.given(State.READY, sentence, bytes);
  }

  private void malformed() {
    group.section("ACK");
    credit("takes an ACK of no credit for the session", Bytes.ack(0, 0)).ignored();
    credit("takes an ACK of no credit", Bytes.data(1, 0, (byte) 0xFE), Bytes.ack(1, 0)).ignored();
    credit("refuses an ACK without credit", Bytes.frame(FrameType.ACK, 0, 0))
        .goaway(MALFORMED_FRAME);
    credit("refuses an ACK whose varint is cut off", Bytes.frame(FrameType.ACK, 0, 0, (byte) 0x80))
        .goaway(MALFORMED_FRAME);
    byte[] endless = Bytes.repeat(11, Bytes.bytes(0x80));
    credit("refuses an ACK whose varint is too long", Bytes.frame(FrameType.ACK, 0, 0, endless))
        .goaway(MALFORMED_FRAME);
    byte[] overlong = Bytes.bytes(0x88, 0xA7, 0x80, 0x80, 0x00);
    credit(
            "takes an ACK whose varint has more bytes than needed",
            Bytes.frame(FrameType.ACK, 0, 0, overlong))
        .ignored();
    byte[] more = Bytes.join(Bytes.varint(5000), Bytes.repeat(100, Bytes.bytes(0xFF)));
    credit("ignores what stands behind the credit", Bytes.frame(FrameType.ACK, 0, 0, more))
        .ignored();
  }

  private void obeyed() {
    group.section("Credit");
    group
        .script(State.HANDSHAKING, "obeys the stream window of its peer", peer -> obeys(peer, 2, 1))
        .answered();
    group
        .script(
            State.HANDSHAKING, "obeys the session window of its peer", peer -> obeys(peer, 3, 0))
        .answered();
  }

  /** Announces a window of 16 bytes, and grants more only once no more comes. */
  private static void obeys(Peer peer, int limit, long streamId) throws IOException {
    long window = 16;
    peer.negotiate(Bytes.negotiation(Bytes.protoBytes(5, Bytes.protoNumber(limit, window))));
    peer.authenticate();
    peer.send(Bytes.request(1, Bytes.inference()));
    peer.await("DATA", f -> f.isOn(FrameType.DATA, 1));
    peer.checkAlive();
    long sent =
        peer.seen().stream()
            .filter(f -> f.isOn(FrameType.DATA, 1))
            .mapToLong(f -> f.payload().length)
            .sum();
    CaseFailure.check(sent <= window, sent + " bytes came with a window of " + window);
    peer.send(Bytes.ack(streamId, 60_000));
    peer.await("END_STREAM", f -> f.isOn(FrameType.DATA, 1) && f.has(Bytes.END_STREAM));
  }

  private void size() {
    group.section("Size of messages");
    group
        .script(
            State.READY,
            "refuses a message above the size that it announces",
            peer -> {
              long most = peer.limits().messageSize();
              if (most > 2 * REASONABLE) {
                throw CaseFailure.skipped("the server announces messages of " + most + " bytes");
              }
              sendUntilRefused(peer, most);
            })
        .between(0, 20_000)
        .reset(1, MESSAGE_TOO_LARGE);
    group
        .given(
            State.AUTH_PENDING,
            "refuses a message of 65537 bytes on stream 0",
            Bytes.data(0, 0, new byte[65_535]),
            Bytes.data(0, 0, new byte[2]))
        .goaway(MESSAGE_TOO_LARGE);
    group
        .script(
            State.HANDSHAKING,
            "takes a message of 65536 bytes on stream 0",
            peer -> {
              byte[] field = Bytes.field(Tag.NEGOTIATION, Bytes.negotiation());
              int skipped = 65_536 - 1 - field.length - 4;
              byte[] message =
                  Bytes.message(
                      MessageType.NEGOTIATE_REQ, field, Bytes.field(0x7F, new byte[skipped]));
              Bytes.split(0, Bytes.END_MESSAGE, message, 32_768).forEach(peer::send);
              peer.negotiated();
            })
        .answered();
  }

  /** Credit as it comes, until one byte more than the limit is sent. */
  private static void sendUntilRefused(Peer peer, long most) throws IOException {
    long stream = peer.limits().streamWindow();
    long session = peer.limits().sessionWindow();
    byte[] part = Bytes.data(1, 0, new byte[FRAME]);
    for (long sent = 0; sent <= most; ) {
      if (stream >= FRAME && session >= FRAME) {
        peer.send(part);
        sent += FRAME;
        stream -= FRAME;
        session -= FRAME;
        continue;
      }
      ReceivedFrame ack = peer.await("ACK", f -> f.is(FrameType.ACK));
      long credit = FieldBytes.varint(ack.payload(), 0);
      stream += ack.streamId() == 1 ? credit : 0;
      session += ack.streamId() == 0 ? credit : 0;
    }
  }
}
