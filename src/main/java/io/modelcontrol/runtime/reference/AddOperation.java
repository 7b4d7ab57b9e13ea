package io.modelcontrol.runtime.reference;

import io.modelcontrol.DataType;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.Tensor;
import io.modelcontrol.TensorSpec;
import io.modelcontrol.runtime.RunControl;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** Adds two tensors of one shape; integers wrap around, as in ONNX. */
final class AddOperation implements Operation {
  private static final Set<DataType> TYPES =
      Set.of(DataType.FLOAT, DataType.DOUBLE, DataType.INT32, DataType.INT64);

  private final TensorSpec a;
  private final TensorSpec b;
  private final TensorSpec sum;

  AddOperation(ModelJson model) {
    a = model.spec("a");
    b = model.spec("b");
    sum = model.spec("sum");
    if (!TYPES.contains(sum.dataType())) {
      throw ModelJson.rejected(
          "add has dtype FLOAT, DOUBLE, INT32 or INT64, got " + sum.dataType());
    }
  }

  @Override
  public List<TensorSpec> inputs() {
    return List.of(a, b);
  }

  @Override
  public TensorSpec output() {
    return sum;
  }

  @Override
  public Tensor run(List<Tensor> inputs, RunControl control) {
    Tensor left = inputs.get(0);
    Tensor right = inputs.get(1);
    if (!Arrays.equals(left.shape(), right.shape())) {
      throw McpException.streamError(
          ErrorCode.INVALID_TENSOR,
          "expected two inputs of one shape, got " + left + " and " + right);
    }
    ByteBuffer out = ByteBuffer.allocate(left.byteLength()).order(ByteOrder.LITTLE_ENDIAN);
    add(sum.dataType(), left.bytes(), right.bytes(), out);
    return Tensor.of(sum.name(), sum.dataType(), out.flip(), left.shape());
  }

  private static void add(DataType type, ByteBuffer x, ByteBuffer y, ByteBuffer out) {
    while (x.hasRemaining()) {
      switch (type) {
        case FLOAT -> out.putFloat(x.getFloat() + y.getFloat());
        case DOUBLE -> out.putDouble(x.getDouble() + y.getDouble());
        case INT32 -> out.putInt(x.getInt() + y.getInt());
        case INT64 -> out.putLong(x.getLong() + y.getLong());
        default -> throw new IllegalStateException("not added: " + type);
      }
    }
  }
}
