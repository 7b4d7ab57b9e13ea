package io.modelcontrol;

import java.util.Arrays;
import java.util.Objects;

/**
 * What a model declares of one input or output.
 *
 * @param name the tensor's name in the model
 * @param dataType its element type; {@code null} where the value is no tensor (a sequence or a map)
 * @param shape its dimensions; -1 is a dynamic dimension, an empty array a scalar
 */
public record TensorSpec(String name, DataType dataType, long[] shape) {
  /** A dimension that a request may choose. */
  public static final long DYNAMIC = -1;

  public TensorSpec {
    Objects.requireNonNull(name, "name");
    shape = shape.clone();
  }

  @Override
  public long[] shape() {
    return shape.clone();
  }

  public int rank() {
    return shape.length;
  }

  /** One dimension; {@link #DYNAMIC} where a request chooses it. */
  public long dimension(int index) {
    return shape[index];
  }

  /** Whether a tensor of this shape fits: same rank, and each fixed dimension equal. */
  public boolean acceptsShape(long[] actual) {
    if (actual.length != shape.length) {
      return false;
    }
    for (int i = 0; i < shape.length; i++) {
      if (shape[i] != DYNAMIC && shape[i] != actual[i]) {
        return false;
      }
    }
    return true;
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof TensorSpec other
        && name.equals(other.name)
        && dataType == other.dataType
        && Arrays.equals(shape, other.shape);
  }

  @Override
  public int hashCode() {
    return Objects.hash(name, dataType, Arrays.hashCode(shape));
  }

  @Override
  public String toString() {
    return name + " " + (dataType == null ? "non-tensor" : dataType) + Arrays.toString(shape);
  }
}
