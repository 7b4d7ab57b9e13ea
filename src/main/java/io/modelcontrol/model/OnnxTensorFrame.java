package io.modelcontrol.model;

import io.modelcontrol.DataType;

/** A TensorProto: its data must be inside of it, and exactly as much as type and shape ask for. */
final class OnnxTensorFrame extends OnnxFrame {
  private final OnnxShape shape = new OnnxShape();
  private final long[] counts = new long[OnnxMessage.TENSOR_UINT64_DATA + 1];
  private String name = "";
  private long dataType;
  private long rawBytes;
  private boolean external;

  OnnxTensorFrame(OnnxMessage.Field holder, OnnxFrame parent, long end) {
    super(OnnxMessage.TENSOR, holder, parent, end);
  }

  @Override
  void number(OnnxMessage.Field field, long value) {
    switch (field.number()) {
      case OnnxMessage.TENSOR_DIMS -> shape.add(value);
      case OnnxMessage.TENSOR_DATA_TYPE -> dataType = value;
      case OnnxMessage.TENSOR_DATA_LOCATION -> external |= value != 0;
      default -> throw new AssertionError(field.name() + " is not read one by one");
    }
  }

  @Override
  boolean wantsEach(OnnxMessage.Field field) {
    return field.number() == OnnxMessage.TENSOR_DIMS
        || field.number() == OnnxMessage.TENSOR_DATA_LOCATION;
  }

  @Override
  void numbers(OnnxMessage.Field field, long count) {
    counts[field.number()] += count;
  }

  @Override
  void bytes(OnnxMessage.Field field, long length, ProtoReader reader) {
    switch (field.number()) {
      case OnnxMessage.TENSOR_NAME -> name = reader.text(length);
      case OnnxMessage.TENSOR_RAW_DATA -> rawBytes = length;
      case OnnxMessage.TENSOR_STRING_DATA -> counts[OnnxMessage.TENSOR_STRING_DATA]++;
      case OnnxMessage.TENSOR_EXTERNAL_DATA -> external = true;
      case OnnxMessage.TENSOR_SEGMENT ->
          throw OnnxRejection.TENSOR_SIZE.because("a tensor is a segment of another");
      default -> {
        // Documentation and metadata say nothing about the data.
      }
    }
  }

  @Override
  void complete() {
    if (external) {
      throw OnnxRejection.EXTERNAL_DATA.because(this + " refers to data outside of the model");
    }
    DataType type = dataType > Byte.MAX_VALUE ? null : DataType.of((int) dataType);
    if (dataType < 0 || type == null) {
      throw OnnxRejection.TENSOR_SIZE.because(
          this + " has data type " + dataType + ", which is not one of ONNX's");
    }
    if (has(OnnxMessage.TENSOR_RAW_DATA)) {
      checkRaw(type);
    } else {
      checkTyped(type);
    }
    if (parent instanceof OnnxSparseFrame sparse && holder.number() == OnnxMessage.SPARSE_VALUES) {
      sparse.valueType(type);
    }
  }

  private void checkRaw(DataType type) {
    if (!type.isFixedSize()) {
      throw OnnxRejection.TENSOR_SIZE.because(this + " has strings as raw data");
    }
    long bytes;
    try {
      bytes = type.byteLength(shape.elements());
    } catch (ArithmeticException e) {
      throw OnnxRejection.TENSOR_SIZE.because(this + " has a size that exceeds 64 bits");
    }
    if (rawBytes != bytes) {
      throw OnnxRejection.TENSOR_SIZE.because(
          this + " has " + rawBytes + " bytes, its type and shape need " + bytes);
    }
    checkNoOther(0);
  }

  private void checkTyped(DataType type) {
    int field = typedField(type);
    long needed = typedCount(type, shape.elements());
    if (counts[field] != needed) {
      throw OnnxRejection.TENSOR_SIZE.because(
          this + " has " + counts[field] + " values, its type and shape need " + needed);
    }
    checkNoOther(field);
  }

  /** Data in two fields is data of which one reader takes this and another one that. */
  private void checkNoOther(int field) {
    for (int other = 0; other < counts.length; other++) {
      if (other != field && counts[other] != 0) {
        throw OnnxRejection.TENSOR_SIZE.because(this + " has data in a field of another type");
      }
    }
  }

  private static int typedField(DataType type) {
    return switch (type) {
      case FLOAT, COMPLEX64 -> OnnxMessage.TENSOR_FLOAT_DATA;
      case DOUBLE, COMPLEX128 -> OnnxMessage.TENSOR_DOUBLE_DATA;
      case INT64 -> OnnxMessage.TENSOR_INT64_DATA;
      case UINT32, UINT64 -> OnnxMessage.TENSOR_UINT64_DATA;
      case STRING -> OnnxMessage.TENSOR_STRING_DATA;
      default -> OnnxMessage.TENSOR_INT32_DATA;
    };
  }

  /** Values of the typed field; more than a file can hold where the number exceeds 64 bits. */
  private static long typedCount(DataType type, long elements) {
    return switch (type) {
      case COMPLEX64, COMPLEX128 -> elements > Long.MAX_VALUE / 2 ? Long.MAX_VALUE : elements * 2;
      case UINT4, INT4, FLOAT4E2M1 -> elements / 2 + elements % 2;
      case UINT2, INT2 -> elements / 4 + (elements % 4 == 0 ? 0 : 1);
      default -> elements;
    };
  }

  @Override
  public String toString() {
    String kind =
        switch (parent.type) {
          case GRAPH -> "initializer";
          case ATTRIBUTE -> "attribute tensor";
          default -> "sparse tensor's part";
        };
    return kind + " " + OnnxRejection.quote(name);
  }
}
