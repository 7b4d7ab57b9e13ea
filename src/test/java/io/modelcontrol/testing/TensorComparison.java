package io.modelcontrol.testing;

import io.modelcontrol.DataType;
import io.modelcontrol.Float16;
import io.modelcontrol.Tensor;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.IntToDoubleFunction;

/**
 * Compares tensors as ONNX's backend suite does: floats within a relative tolerance of 1e-3 and an
 * absolute one of 1e-5, NaN equal to NaN; everything else, and type and shape, exactly.
 */
public final class TensorComparison {
  private static final double RELATIVE = 1e-3;
  private static final double ABSOLUTE = 1e-5;

  private TensorComparison() {}

  /** What differs first; empty if the tensors agree. */
  public static Optional<String> difference(Tensor expected, Tensor actual) {
    if (expected.dataType() != actual.dataType()
        || !Arrays.equals(expected.shape(), actual.shape())) {
      return Optional.of("want " + expected + " got " + actual);
    }
    if (expected.dataType() == DataType.STRING) {
      List<String> want = expected.toStrings();
      List<String> got = actual.toStrings();
      return want.equals(got) ? Optional.empty() : Optional.of("want " + want + " got " + got);
    }
    IntToDoubleFunction want = floats(expected);
    if (want == null) {
      return expected.bytes().equals(actual.bytes())
          ? Optional.empty()
          : Optional.of("other bytes than expected");
    }
    return difference(want, floats(actual), Math.toIntExact(expected.elements()));
  }

  private static Optional<String> difference(
      IntToDoubleFunction want, IntToDoubleFunction got, int elements) {
    for (int i = 0; i < elements; i++) {
      double a = want.applyAsDouble(i);
      double b = got.applyAsDouble(i);
      boolean equal = Double.compare(a, b) == 0 || a == b;
      if (!equal && !(Math.abs(a - b) <= ABSOLUTE + RELATIVE * Math.abs(a))) {
        return Optional.of("[" + i + "] want " + a + " got " + b);
      }
    }
    return Optional.empty();
  }

  private static IntToDoubleFunction floats(Tensor tensor) {
    ByteBuffer data = tensor.bytes();
    return switch (tensor.dataType()) {
      case FLOAT -> i -> data.getFloat(i * Float.BYTES);
      case DOUBLE -> i -> data.getDouble(i * Double.BYTES);
      case FLOAT16 -> i -> Float16.toFloat(data.getShort(i * Short.BYTES));
      case BFLOAT16 -> i -> Float16.fromBfloat16Bits(data.getShort(i * Short.BYTES));
      // The upper half of a binary16, so that only NaN has several encodings; the other float8
      // types have one or two of NaN, and are compared as they are.
      case FLOAT8E5M2 -> i -> Float16.toFloat((short) (data.get(i) << Byte.SIZE));
      default -> null;
    };
  }
}
