package io.modelcontrol.conformance;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.wire.FrameType;
import io.modelcontrol.wire.Tag;

/** A frame of the server's. The payload is not copied. */
record ReceivedFrame(int type, int flags, long streamId, byte[] payload) {

  boolean is(FrameType other) {
    return type == other.code();
  }

  boolean isOn(FrameType other, long stream) {
    return is(other) && streamId == stream;
  }

  boolean has(int flag) {
    return (flags & flag) != 0;
  }

  /** The status of a RESET, whose absence means REQUEST_CANCELED; of a GOAWAY, absent means OK. */
  ErrorCode status() {
    FieldBytes fields =
        is(FrameType.GOAWAY)
            ? FieldBytes.parse(payload, FieldBytes.varintLength(payload, 0))
            : FieldBytes.parse(payload, 0);
    if (fields.has(Tag.STATUS)) {
      return ErrorCode.of(fields.number(Tag.STATUS));
    }
    return is(FrameType.GOAWAY) ? ErrorCode.OK : ErrorCode.REQUEST_CANCELED;
  }

  boolean isErrorGoaway() {
    return is(FrameType.GOAWAY) && status().isError();
  }

  @Override
  public String toString() {
    FrameType known = FrameType.of(type);
    String name = known == null ? String.format("frame 0x%02X", type) : known.name();
    String status = is(FrameType.GOAWAY) || is(FrameType.RESET) ? " " + status() : "";
    return name + status + (streamId == 0 ? "" : " on stream " + streamId);
  }
}
