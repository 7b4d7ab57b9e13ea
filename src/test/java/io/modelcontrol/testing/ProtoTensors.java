package io.modelcontrol.testing;

import com.google.protobuf.ByteString;
import io.modelcontrol.DataType;
import io.modelcontrol.Tensor;
import io.modelcontrol.testing.onnx.TensorProto;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Tensors as ONNX's files hold them, read as ours. */
public final class ProtoTensors {
  private ProtoTensors() {}

  /** The tensor under another name, in memory of the garbage collector. */
  public static Tensor toTensor(String name, TensorProto proto) {
    DataType type = DataType.of(proto.getDataType());
    long[] shape = proto.getDimsList().stream().mapToLong(Long::longValue).toArray();
    if (type == DataType.STRING) {
      String[] values =
          proto.getStringDataList().stream()
              .map(value -> value.toString(StandardCharsets.UTF_8))
              .toArray(String[]::new);
      return Tensor.of(name, values, values.length).reshaped(shape);
    }
    ByteBuffer data =
        proto.hasRawData() ? proto.getRawData().asReadOnlyByteBuffer() : typedData(proto, type);
    return Tensor.of(name, type, data, shape);
  }

  /** The tensor as a file would hold it, in raw data; strings in theirs. */
  public static TensorProto toProto(Tensor tensor) {
    TensorProto.Builder proto =
        TensorProto.newBuilder().setName(tensor.name()).setDataType(tensor.dataType().code());
    for (long dimension : tensor.shape()) {
      proto.addDims(dimension);
    }
    if (tensor.dataType() == DataType.STRING) {
      tensor.toStrings().forEach(value -> proto.addStringData(ByteString.copyFromUtf8(value)));
    } else {
      proto.setRawData(ByteString.copyFrom(tensor.bytes()));
    }
    return proto.build();
  }

  private static ByteBuffer typedData(TensorProto proto, DataType type) {
    ByteBuffer data =
        ByteBuffer.allocate(Math.toIntExact(typedBytes(proto, type)))
            .order(ByteOrder.LITTLE_ENDIAN);
    switch (type) {
      case FLOAT, COMPLEX64 -> proto.getFloatDataList().forEach(data::putFloat);
      case DOUBLE, COMPLEX128 -> proto.getDoubleDataList().forEach(data::putDouble);
      case INT64 -> proto.getInt64DataList().forEach(data::putLong);
      case UINT64 -> proto.getUint64DataList().forEach(data::putLong);
      case UINT32 -> proto.getUint64DataList().forEach(value -> data.putInt(value.intValue()));
      case INT32 -> proto.getInt32DataList().forEach(data::putInt);
      case INT16, UINT16, FLOAT16, BFLOAT16 ->
          proto.getInt32DataList().forEach(value -> data.putShort(value.shortValue()));
      // One byte for each value, which holds several elements of the types below 8 bits.
      default -> proto.getInt32DataList().forEach(value -> data.put(value.byteValue()));
    }
    return data.flip();
  }

  private static long typedBytes(TensorProto proto, DataType type) {
    long elements = 1;
    for (long dimension : proto.getDimsList()) {
      elements *= dimension;
    }
    return type.byteLength(elements);
  }
}
