package io.modelcontrol.wire;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.MessageLite;
import java.io.IOException;

/** Writes protobuf so that equal values have equal bytes: maps in the order of their keys. */
final class Protos {
  private Protos() {}

  static byte[] deterministic(MessageLite message) {
    byte[] bytes = new byte[message.getSerializedSize()];
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    out.useDeterministicSerialization();
    try {
      message.writeTo(out);
    } catch (IOException e) {
      throw new AssertionError("an array of the right size is written without output", e);
    }
    out.checkNoSpaceLeft();
    return bytes;
  }
}
