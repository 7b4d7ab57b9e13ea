package io.modelcontrol.conformance;

import static io.modelcontrol.ErrorCode.ENHANCE_YOUR_CALM;
import static io.modelcontrol.ErrorCode.MALFORMED_FRAME;
import static io.modelcontrol.ErrorCode.MALFORMED_MESSAGE;
import static io.modelcontrol.ErrorCode.PROTOCOL_ERROR;
import static io.modelcontrol.ErrorCode.STREAM_CLOSED;
import static io.modelcontrol.ErrorCode.UNSUPPORTED_MESSAGE;

import io.modelcontrol.wire.FrameHeader;
import io.modelcontrol.wire.FrameType;
import java.util.List;

/** DATA: its flags, in all combinations that mean something. */
final class DataCases {
  private static final int COMPRESSED = FrameHeader.COMPRESSED;
  private static final int OFFSET = FrameHeader.OFFSET;
  private static final byte TYPE = (byte) 0xFE;

  private final CaseGroup group = new CaseGroup("data").section("DATA");

  private DataCases() {}

  static List<ConformanceCase> all() {
    DataCases cases = new DataCases();
    cases.compressed();
    cases.offsets();
    cases.ends();
    cases.emptyFrames();
    cases.afterTheEnd();
    return cases.group.cases();
  }

  private void compressed() {
    group
        .given(
            State.READY,
            "refuses compression that was not negotiated",
            Bytes.data(1, COMPRESSED | Bytes.END, TYPE))
        .reset(1, PROTOCOL_ERROR);
    group
        .given(
            State.READY,
            "refuses compression within a message",
            Bytes.data(1, 0, TYPE),
            Bytes.data(1, COMPRESSED | Bytes.END, (byte) 0x7F, (byte) 0))
        .reset(1, PROTOCOL_ERROR);
    group
        .given(
            State.AUTH_PENDING,
            "refuses compression on stream 0",
            Bytes.data(0, COMPRESSED | Bytes.END_MESSAGE, TYPE))
        .goaway(PROTOCOL_ERROR);
  }

  private void offsets() {
    offset("takes the right offset", Bytes.data(1, OFFSET | Bytes.END, (byte) 0, TYPE))
        .status(1, UNSUPPORTED_MESSAGE);
    offset(
            "takes the right offset, encoded in more bytes than needed",
            Bytes.data(1, OFFSET | Bytes.END, (byte) 0x80, (byte) 0, TYPE))
        .status(1, UNSUPPORTED_MESSAGE);
    offset(
            "counts the bytes of messages for the offset",
            Bytes.data(1, OFFSET, (byte) 0, TYPE),
            Bytes.data(1, OFFSET | Bytes.END, (byte) 1, (byte) 0x7F, (byte) 0))
        .status(1, UNSUPPORTED_MESSAGE);
    offset("refuses an offset ahead", Bytes.data(1, OFFSET | Bytes.END, (byte) 1, TYPE))
        .reset(1, PROTOCOL_ERROR);
    offset(
            "refuses an offset behind",
            Bytes.data(1, 0, TYPE),
            Bytes.data(1, OFFSET | Bytes.END, (byte) 0, (byte) 0x7F, (byte) 0))
        .reset(1, PROTOCOL_ERROR);
    offset(
            "does not count the offsets themselves",
            Bytes.data(1, OFFSET, (byte) 0, TYPE),
            Bytes.data(1, OFFSET | Bytes.END, (byte) 2, (byte) 0x7F, (byte) 0))
        .reset(1, PROTOCOL_ERROR);
    offset("refuses a frame without its offset", Bytes.data(1, OFFSET | Bytes.END))
        .reset(1, MALFORMED_MESSAGE, MALFORMED_FRAME, PROTOCOL_ERROR);
    offset("refuses an offset that is cut off", Bytes.data(1, OFFSET | Bytes.END, (byte) 0x80))
        .reset(1, MALFORMED_MESSAGE, MALFORMED_FRAME, PROTOCOL_ERROR);
    group
        .given(
            State.AUTH_PENDING,
            "refuses a wrong offset on stream 0",
            Bytes.data(0, OFFSET | Bytes.END_MESSAGE, (byte) 0x50, (byte) 3))
        .goaway(PROTOCOL_ERROR);
  }

  private CaseGroup.Draft offset(String sentence, byte[]... bytes) {
    return group.given(State.READY, sentence, bytes);
  }

  private void ends() {
    group
        .script(
            State.READY,
            "half-closes a stream that ends without a message",
            peer -> {
              peer.send(Bytes.data(1, Bytes.END_STREAM));
              peer.await("END_STREAM", f -> f.isOn(FrameType.DATA, 1) && f.has(Bytes.END_STREAM));
            })
        .answered();
    group
        .given(
            State.READY,
            "refuses END_STREAM within a message, with bytes",
            Bytes.data(1, Bytes.END_STREAM, TYPE))
        .reset(1, MALFORMED_MESSAGE);
    group
        .given(
            State.READY,
            "refuses END_STREAM within a message, without bytes",
            Bytes.data(1, 0, TYPE),
            Bytes.data(1, Bytes.END_STREAM))
        .reset(1, MALFORMED_MESSAGE);
    group
        .given(State.READY, "refuses a message without a type", Bytes.data(1, Bytes.END))
        .reset(1, MALFORMED_MESSAGE);
    group
        .given(
            State.READY,
            "takes a message whose last frame is empty",
            Bytes.data(1, 0, TYPE),
            Bytes.data(1, Bytes.END))
        .status(1, UNSUPPORTED_MESSAGE);
    group
        .given(
            State.READY,
            "takes END_STREAM in a frame behind the message",
            Bytes.data(1, Bytes.END_MESSAGE, TYPE),
            Bytes.data(1, Bytes.END_STREAM))
        .status(1, UNSUPPORTED_MESSAGE);
    group
        .given(
            State.READY,
            "answers a message before its stream ends",
            Bytes.data(1, Bytes.END_MESSAGE, TYPE))
        .status(1, UNSUPPORTED_MESSAGE);
    group
        .given(
            State.AUTH_PENDING, "refuses END_STREAM on stream 0", Bytes.data(0, Bytes.END_STREAM))
        .goaway(PROTOCOL_ERROR);
  }

  private void emptyFrames() {
    byte[] empty = Bytes.data(1, 0);
    group.section("Abuse");
    group.given(State.READY, "takes two empty frames in a row", empty, empty).ignored();
    group
        .given(State.READY, "refuses three empty frames in a row", empty, empty, empty)
        .goaway(ENHANCE_YOUR_CALM);
    group
        .given(
            State.READY,
            "counts empty frames anew after bytes",
            empty,
            empty,
            Bytes.data(1, 0, TYPE),
            empty,
            empty)
        .ignored();
    group
        .given(
            State.READY,
            "counts empty frames of all streams together",
            empty,
            Bytes.data(3, 0),
            Bytes.data(5, 0))
        .goaway(ENHANCE_YOUR_CALM);
  }

  private void afterTheEnd() {
    group.section("States");
    group
        .given(
            State.AUTH_PENDING,
            "refuses DATA after END_STREAM",
            Bytes.request(1, Bytes.unhandled()),
            Bytes.request(1, Bytes.unhandled()))
        .reset(1, STREAM_CLOSED);
    group
        .script(
            State.READY,
            "ends the session for DATA on a closed stream",
            peer -> {
              peer.send(Bytes.request(1, Bytes.unhandled()));
              peer.message(1);
              peer.checkAlive();
              peer.send(Bytes.request(1, Bytes.unhandled()));
            })
        .goaway(PROTOCOL_ERROR);
    group
        .script(
            State.READY,
            "ignores DATA on a stream that it has reset",
            peer -> {
              peer.send(Bytes.data(1, COMPRESSED, TYPE));
              peer.await("RESET", f -> f.isOn(FrameType.RESET, 1));
              peer.send(Bytes.data(1, 0, TYPE), Bytes.data(1, Bytes.END));
              peer.checkAlive();
            })
        .answered();
    group
        .given(
            State.READY,
            "goes on with other streams after an error of one",
            Bytes.data(1, COMPRESSED, TYPE),
            Bytes.request(3, Bytes.unhandled()))
        .status(3, UNSUPPORTED_MESSAGE);
  }
}
