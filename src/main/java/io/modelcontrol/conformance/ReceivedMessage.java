package io.modelcontrol.conformance;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.wire.MessageType;
import io.modelcontrol.wire.Tag;

/** A message of the server's. */
record ReceivedMessage(int type, FieldBytes fields, boolean endStream) {

  boolean is(MessageType other) {
    return type == other.code();
  }

  ErrorCode status() {
    return ErrorCode.of(fields.number(Tag.STATUS));
  }

  void expect(MessageType expected) {
    CaseFailure.check(is(expected), "expected " + expected + ", came " + this);
  }

  @Override
  public String toString() {
    MessageType known = MessageType.of(type);
    String name = known == null ? String.format("message 0x%02X", type) : known.name();
    return is(MessageType.STATUS) ? name + " " + status() : name;
  }
}
