package io.modelcontrol.conformance;

import static io.modelcontrol.ErrorCode.PROTOCOL_ERROR;
import static io.modelcontrol.ErrorCode.REFUSED_STREAM;
import static io.modelcontrol.ErrorCode.UNSUPPORTED_MESSAGE;

import io.modelcontrol.wire.FrameType;
import java.io.ByteArrayOutputStream;
import java.util.List;

/** Ids of streams, and how many may be open. */
final class StreamCases {
  private static final long LAST = 0xFFFFFFFFL;
  private static final byte TYPE = (byte) 0xFE;

  private final CaseGroup group = new CaseGroup("stream").section("Ids");

  private StreamCases() {}

  static List<ConformanceCase> all() {
    StreamCases cases = new StreamCases();
    cases.ids();
    cases.control();
    cases.limit();
    return cases.group.cases();
  }

  private void ids() {
    byte[] message = Bytes.unhandled();
    group
        .given(State.READY, "refuses the last even id", Bytes.request(LAST - 1, message))
        .goaway(PROTOCOL_ERROR);
    group
        .given(
            State.READY,
            "refuses an id below one that is open",
            Bytes.data(5, 0, TYPE),
            Bytes.request(3, message))
        .goaway(PROTOCOL_ERROR);
    group
        .given(
            State.AUTH_PENDING,
            "refuses an id that does not grow before it is Ready",
            Bytes.data(7, 0, TYPE),
            Bytes.data(1, 0, TYPE))
        .goaway(PROTOCOL_ERROR);
    group
        .given(
            State.READY,
            "allows gaps between ids",
            Bytes.data(1, 0, TYPE),
            Bytes.data(101, 0, TYPE),
            Bytes.request(0x10001, message))
        .status(0x10001, UNSUPPORTED_MESSAGE);
    group
        .given(State.READY, "takes 0x7FFFFFFF as an id", Bytes.request(0x7FFFFFFF, message))
        .status(0x7FFFFFFF, UNSUPPORTED_MESSAGE);
    group
        .given(
            State.READY,
            "takes ids as unsigned",
            Bytes.data(0x7FFFFFFF, 0, TYPE),
            Bytes.request(0x80000001L, message))
        .status(0x80000001L, UNSUPPORTED_MESSAGE);
    group
        .given(State.READY, "takes 0xFFFFFFFF, the last id", Bytes.request(LAST, message))
        .status(LAST, UNSUPPORTED_MESSAGE);
    group
        .given(
            State.READY, "does not wrap ids", Bytes.data(LAST, 0, TYPE), Bytes.request(1, message))
        .goaway(PROTOCOL_ERROR);
    group
        .given(
            State.READY,
            "takes messages of several streams in turn",
            Bytes.data(1, 0, TYPE),
            Bytes.data(3, 0, TYPE),
            Bytes.data(1, 0, (byte) 0x7F),
            Bytes.data(3, Bytes.END, (byte) 0x7F, (byte) 0),
            Bytes.data(1, Bytes.END, (byte) 0))
        .status(1, UNSUPPORTED_MESSAGE);
  }

  private void control() {
    group.section("Credit");
    group
        .given(State.READY, "refuses ACK of an even stream that is not", Bytes.ack(2, 5000))
        .goaway(PROTOCOL_ERROR);
    ended("ignores ACK of a stream that has ended", Bytes.ack(1, 5000));
    group.section("RESET");
    group
        .given(State.READY, "refuses RESET of an even stream that is not", Bytes.reset(2))
        .goaway(PROTOCOL_ERROR);
    ended("ignores RESET of a stream that has ended", Bytes.reset(1));
    byte[] open = Bytes.data(1, 0, TYPE);
    group.given(State.READY, "ends a stream by RESET", open, Bytes.reset(1)).ignored();
    group
        .given(State.READY, "ignores a second RESET", open, Bytes.reset(1), Bytes.reset(1))
        .ignored();
    group
        .given(State.READY, "ignores ACK after RESET", open, Bytes.reset(1), Bytes.ack(1, 5000))
        .ignored();
    group
        .given(
            State.AUTH_PENDING,
            "takes RESET of a stream that waits for Ready",
            Bytes.request(1, Bytes.unhandled()),
            Bytes.reset(1))
        .ignored();
  }

  private void ended(String sentence, byte[] bytes) {
    group
        .script(
            State.READY,
            sentence,
            peer -> {
              peer.send(Bytes.request(1, Bytes.unhandled()));
              peer.message(1);
              peer.send(bytes);
            })
        .ignored();
  }

  /** DATA that opens so many streams, each within a message. */
  private static byte[] opened(long from, long count) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (long i = 0; i < count; i++) {
      all.writeBytes(Bytes.data(from + 2 * i, 0, TYPE));
    }
    return all.toByteArray();
  }

  private static long announced(Peer peer) {
    long streams = peer.limits().streams();
    if (streams > 10_000) {
      throw CaseFailure.skipped("the server announces " + streams + " streams");
    }
    return streams;
  }

  private void limit() {
    group.section("Ids");
    group
        .script(
            State.READY,
            "has as many streams open as it announces",
            peer -> peer.send(opened(1, announced(peer))))
        .ignored();
    group
        .script(
            State.READY,
            "refuses one stream more than it announces, and takes the others",
            peer -> {
              long streams = announced(peer);
              peer.send(opened(1, streams + 1));
              long last = 1 + 2 * streams;
              ReceivedFrame reset = peer.await("RESET", f -> f.is(FrameType.RESET));
              CaseFailure.check(
                  reset.streamId() == last && reset.status() == REFUSED_STREAM,
                  "expected REFUSED_STREAM on stream " + last + ", came " + reset);
              peer.send(Bytes.data(1, Bytes.END));
              peer.message(1);
            })
        .answered();
    group
        .script(
            State.READY,
            "ignores more DATA of a stream that it refused",
            peer -> {
              long streams = announced(peer);
              peer.send(opened(1, streams + 1));
              peer.await("RESET", f -> f.is(FrameType.RESET));
              peer.send(Bytes.data(1 + 2 * streams, Bytes.END, TYPE));
              peer.checkAlive();
            })
        .answered();
    group
        .script(
            State.READY,
            "gives the place of a stream that was reset to another",
            peer -> {
              long streams = announced(peer);
              peer.send(opened(1, streams), Bytes.reset(1));
              peer.send(opened(1 + 2 * streams, 1));
            })
        .ignored();
    group
        .script(
            State.READY,
            "gives the place of a stream that was answered to another",
            peer -> {
              long streams = announced(peer);
              peer.send(opened(1, streams), Bytes.data(1, Bytes.END));
              peer.message(1);
              peer.send(opened(1 + 2 * streams, 1));
            })
        .ignored();
  }
}
