package io.modelcontrol.runtime.onnx;

import ai.onnxruntime.TensorInfo.OnnxTensorType;
import io.modelcontrol.DataType;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/** Which element types cross the border to ONNX Runtime, and under which name on its side. */
final class ElementTypes {
  private static final String PREFIX = "ONNX_TENSOR_ELEMENT_DATA_TYPE_";

  /** Named by ONNX Runtime, but no operator of it takes or gives them. */
  private static final Set<DataType> NAMED_ONLY =
      EnumSet.of(DataType.COMPLEX64, DataType.COMPLEX128);

  private static final Map<DataType, OnnxTensorType> TO_ONNX = new EnumMap<>(DataType.class);
  private static final Map<OnnxTensorType, DataType> FROM_ONNX =
      new EnumMap<>(OnnxTensorType.class);

  static {
    for (DataType type : DataType.values()) {
      Arrays.stream(OnnxTensorType.values())
          .filter(candidate -> candidate.name().equals(PREFIX + type.name()))
          .filter(candidate -> !NAMED_ONLY.contains(type))
          .forEach(onnxType -> TO_ONNX.put(type, onnxType));
    }
    TO_ONNX.forEach((type, onnxType) -> FROM_ONNX.put(onnxType, type));
  }

  private ElementTypes() {}

  /** ONNX Runtime's word for a type; {@code null} where it has none, as for the 4-bit types. */
  static OnnxTensorType toOnnx(DataType type) {
    return TO_ONNX.get(type);
  }

  /** Our word for a type of ONNX Runtime; {@code null} where tensors of it cannot be read. */
  static DataType fromOnnx(OnnxTensorType type) {
    return FROM_ONNX.get(type);
  }
}
