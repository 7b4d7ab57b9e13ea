package io.modelcontrol.runtime.onnx;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import io.modelcontrol.DataType;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.Tensor;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The inputs of one run as ONNX Runtime takes them. Direct, contiguous and aligned data is shared,
 * everything else copied once. Closed after the run, and not before: ONNX Runtime reads the shared
 * memory until then.
 *
 * <p>Sizes need no second check against overflow: a {@link Tensor} exists only with exactly the
 * bytes that its shape asks for.
 */
final class RunInputs implements AutoCloseable {
  /** A tensor without elements has no memory of its own, but the native side wants an address. */
  private static final ByteBuffer NOTHING =
      ByteBuffer.allocateDirect(Long.BYTES).limit(0).slice().order(ByteOrder.nativeOrder());

  /** The types that the binding's public methods make; the others need {@link NativeTensors}. */
  private static final Map<DataType, OnnxJavaType> PUBLIC_TYPES =
      new EnumMap<>(
          Map.of(
              DataType.FLOAT, OnnxJavaType.FLOAT,
              DataType.DOUBLE, OnnxJavaType.DOUBLE,
              DataType.INT8, OnnxJavaType.INT8,
              DataType.INT16, OnnxJavaType.INT16,
              DataType.INT32, OnnxJavaType.INT32,
              DataType.INT64, OnnxJavaType.INT64,
              DataType.UINT8, OnnxJavaType.UINT8,
              DataType.BOOL, OnnxJavaType.BOOL,
              DataType.FLOAT16, OnnxJavaType.FLOAT16,
              DataType.BFLOAT16, OnnxJavaType.BFLOAT16));

  private final OrtEnvironment environment;
  private final Map<String, OnnxTensor> tensors = new LinkedHashMap<>();
  private final List<OnnxTensor> owned = new ArrayList<>();
  private final List<ByteBuf> copies = new ArrayList<>();
  private final List<ConstantStrings> constants = new ArrayList<>();

  RunInputs(OrtEnvironment environment) {
    this.environment = environment;
  }

  Map<String, OnnxTensor> byName() {
    return tensors;
  }

  /**
   * Takes a tensor in, without its ownership.
   *
   * @throws McpException UNSUPPORTED_DTYPE or INVALID_TENSOR
   */
  void add(Tensor tensor) throws OrtException {
    tensors.put(tensor.name(), create(tensor));
  }

  private OnnxTensor create(Tensor tensor) throws OrtException {
    DataType type = tensor.dataType();
    if (type == DataType.STRING) {
      return createStrings(tensor);
    }
    if (type == DataType.BOOL) {
      requireZeroOrOne(tensor);
    }
    ByteBuffer data = nativeData(tensor);
    if (!isTaken(type)) {
      throw McpException.streamError(
          ErrorCode.UNSUPPORTED_DTYPE,
          "input "
              + Reason.quoted(tensor.name())
              + " is "
              + type
              + ", which this runtime cannot take in");
    }
    return own(tensor(environment, data, tensor.shape(), type));
  }

  /** Whether {@link #tensor} makes tensors of a type. */
  static boolean isTaken(DataType type) {
    return PUBLIC_TYPES.containsKey(type)
        || (ElementTypes.toOnnx(type) != null && NativeTensors.instance().isPresent());
  }

  /**
   * A tensor over direct memory, which it shares.
   *
   * @throws McpException UNSUPPORTED_DTYPE
   */
  static OnnxTensor tensor(OrtEnvironment environment, ByteBuffer data, long[] shape, DataType type)
      throws OrtException {
    if (!isTaken(type)) {
      throw McpException.streamError(
          ErrorCode.UNSUPPORTED_DTYPE, "this runtime cannot take in " + type);
    }
    data.order(ByteOrder.nativeOrder());
    OnnxJavaType publicType = PUBLIC_TYPES.get(type);
    return publicType != null
        ? OnnxTensor.createTensor(environment, data, shape, publicType)
        : NativeTensors.instance()
            .orElseThrow()
            .create(environment, data, shape, ElementTypes.toOnnx(type));
  }

  private OnnxTensor createStrings(Tensor tensor) throws OrtException {
    List<String> values = tensor.toStrings();
    requireNoNul(tensor, values);
    if (ConstantStrings.areNeededFor(values)) {
      ConstantStrings constant = ConstantStrings.create(environment, values, tensor.shape());
      constants.add(constant);
      return constant.tensor();
    }
    return own(OnnxTensor.createTensor(environment, values.toArray(new String[0]), tensor.shape()));
  }

  /** The native side ends a string there, so the model's answer would miss its end. */
  private static void requireNoNul(Tensor tensor, List<String> values) {
    for (int i = 0; i < values.size(); i++) {
      if (values.get(i).indexOf(0) >= 0) {
        throw McpException.streamError(
            ErrorCode.INVALID_TENSOR,
            "input "
                + Reason.quoted(tensor.name())
                + " has U+0000 in element "
                + i
                + ", which this runtime cannot carry");
      }
    }
  }

  private OnnxTensor own(OnnxTensor tensor) {
    owned.add(tensor);
    return tensor;
  }

  private ByteBuffer nativeData(Tensor tensor) {
    if (tensor.byteLength() == 0) {
      return NOTHING;
    }
    ByteBuf data = tensor.data();
    if (data.isDirect() && data.nioBufferCount() == 1) {
      ByteBuffer shared = data.nioBuffer(data.readerIndex(), data.readableBytes());
      if (isAligned(shared, tensor.dataType())) {
        return shared.order(ByteOrder.nativeOrder());
      }
    }
    return copyOf(data);
  }

  /** Kernels are compiled for aligned elements; data within a frame may start anywhere. */
  private static boolean isAligned(ByteBuffer data, DataType type) {
    return data.alignmentOffset(0, type.bits() / Byte.SIZE) == 0;
  }

  private ByteBuffer copyOf(ByteBuf data) {
    int length = data.readableBytes();
    ByteBuf copy = PooledByteBufAllocator.DEFAULT.directBuffer(length, length);
    copies.add(copy);
    copy.writeBytes(data, data.readerIndex(), length);
    return copy.nioBuffer(0, length).order(ByteOrder.nativeOrder());
  }

  /** A native bool of another value is undefined: kernels index and branch on it. */
  private static void requireZeroOrOne(Tensor tensor) {
    ByteBuf data = tensor.data();
    int other =
        data.forEachByte(
            data.readerIndex(), data.readableBytes(), value -> value == 0 || value == 1);
    if (other >= 0) {
      throw McpException.streamError(
          ErrorCode.INVALID_TENSOR,
          "input "
              + Reason.quoted(tensor.name())
              + " is BOOL, element "
              + (other - data.readerIndex())
              + " is "
              + data.getUnsignedByte(other)
              + ", expected 0 or 1");
    }
  }

  @Override
  public void close() throws OrtException {
    owned.forEach(OnnxTensor::close);
    copies.forEach(ByteBuf::release);
    for (ConstantStrings constant : constants) {
      constant.close();
    }
  }
}
