package io.modelcontrol.runtime.onnx;

import java.util.Set;

/** Judges by its first bytes whether content may be an ONNX model. */
final class ModelHead {
  /** Protobuf's tag of ModelProto's first field, ir_version, a varint. */
  private static final byte IR_VERSION_TAG = 1 << 3;

  private static final int VARINT = 0;
  private static final int BLOCK = 2;

  /** Far above the newest; below 128, so that it is one byte. */
  private static final int LAST_IR_VERSION = 63;

  private static final int MODEL_VERSION = 5;

  /** Fields of ModelProto that are strings or messages. */
  private static final Set<Integer> BLOCKS = Set.of(2, 3, 4, 6, 7, 8, 14, 20, 25, 26);

  private ModelHead() {}

  /**
   * Whether the bytes are the beginning of a ModelProto: its version, which all writers put first,
   * then another field of it. Neither text, archives nor flatbuffers begin so.
   */
  static boolean isOnnx(byte[] head) {
    return head.length > 2
        && head[0] == IR_VERSION_TAG
        && head[1] > 0
        && head[1] <= LAST_IR_VERSION
        && isField(Byte.toUnsignedInt(head[2]), head.length > 3 ? head[3] : 0);
  }

  private static boolean isField(int first, int second) {
    // Fields from 16 up have a tag of two bytes.
    int tag = first < 0x80 ? first : first & 0x7F | second << 7;
    int field = tag >>> 3;
    return switch (tag & 7) {
      case VARINT -> field == MODEL_VERSION;
      case BLOCK -> BLOCKS.contains(field);
      default -> false;
    };
  }
}
