package io.modelcontrol.runtime;

import io.modelcontrol.Tensor;
import io.modelcontrol.wire.Message;
import java.util.Arrays;
import java.util.List;

/** Whether two versions of a model say the same. */
final class Agreement {
  private final double tolerance;

  /**
   * @param tolerance how far numbers may differ, relative to the larger of 1 and the first one's
   */
  Agreement(double tolerance) {
    this.tolerance = tolerance;
  }

  /** Whether both are results with the same outputs. */
  boolean agree(Message first, Message second) {
    List<Tensor> a = first.tensors();
    List<Tensor> b = second.tensors();
    if (first.status() != second.status() || a.size() != b.size()) {
      return false;
    }
    for (int i = 0; i < a.size(); i++) {
      if (!agree(a.get(i), b.get(i))) {
        return false;
      }
    }
    return true;
  }

  private boolean agree(Tensor a, Tensor b) {
    if (!a.name().equals(b.name())
        || a.dataType() != b.dataType()
        || !Arrays.equals(a.shape(), b.shape())) {
      return false;
    }
    return switch (a.dataType()) {
      case FLOAT -> close(a.toFloats(), b.toFloats());
      case DOUBLE -> close(a.toDoubles(), b.toDoubles());
      default -> a.data().equals(b.data());
    };
  }

  private boolean close(float[] a, float[] b) {
    for (int i = 0; i < a.length; i++) {
      if (!close(a[i], b[i])) {
        return false;
      }
    }
    return true;
  }

  private boolean close(double[] a, double[] b) {
    for (int i = 0; i < a.length; i++) {
      if (!close(a[i], b[i])) {
        return false;
      }
    }
    return true;
  }

  /** Numbers that are none agree with each other. */
  private boolean close(double a, double b) {
    return Double.compare(a, b) == 0 || Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(a));
  }
}
