package io.modelcontrol.runtime.preprocess;

import io.modelcontrol.DataType;
import io.modelcontrol.Float16;
import java.util.List;

/**
 * What an element type makes of a computed value: integers are rounded to the nearest, ties to
 * even, and saturate at the ends of their range; NaN becomes 0. The 16-bit floats round likewise.
 */
final class Rounding {
  /** The types that a chain can compute with. */
  static final List<DataType> TYPES =
      List.of(
          DataType.FLOAT,
          DataType.FLOAT16,
          DataType.BFLOAT16,
          DataType.DOUBLE,
          DataType.UINT8,
          DataType.INT8,
          DataType.UINT16,
          DataType.INT16,
          DataType.UINT32,
          DataType.INT32,
          DataType.INT64);

  private Rounding() {}

  /** Makes each value one that the type can hold. */
  static void settle(DataType type, float[] values, int from, int to) {
    switch (type) {
      case FLOAT, DOUBLE -> {
        return;
      }
      case FLOAT16 -> settleFloat16(values, from, to);
      case BFLOAT16 -> settleBfloat16(values, from, to);
      default -> settleIntegers(lowest(type), highest(type), values, from, to);
    }
  }

  private static void settleIntegers(
      float lowest, float highest, float[] values, int from, int to) {
    for (int i = from; i < to; i++) {
      float rounded = (float) Math.rint(values[i]);
      values[i] = Float.isNaN(rounded) ? 0 : Math.max(lowest, Math.min(highest, rounded));
    }
  }

  private static void settleFloat16(float[] values, int from, int to) {
    for (int i = from; i < to; i++) {
      values[i] = Float16.toFloat(Float16.toBits(values[i]));
    }
  }

  private static void settleBfloat16(float[] values, int from, int to) {
    for (int i = from; i < to; i++) {
      values[i] = Float16.fromBfloat16Bits(Float16.toBfloat16Bits(values[i]));
    }
  }

  private static float lowest(DataType type) {
    return switch (type) {
      case UINT8, UINT16, UINT32 -> 0;
      default -> -(float) Math.pow(2, type.bits() - 1);
    };
  }

  /**
   * For 32 and 64 bits one above the range, which is the nearest float; the writing cast saturates.
   */
  private static float highest(DataType type) {
    return switch (type) {
      case UINT8, UINT16, UINT32 -> (float) (Math.pow(2, type.bits()) - 1);
      default -> (float) (Math.pow(2, type.bits() - 1) - 1);
    };
  }
}
