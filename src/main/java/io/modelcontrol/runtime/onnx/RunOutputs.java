package io.modelcontrol.runtime.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtUtil;
import ai.onnxruntime.TensorInfo;
import io.modelcontrol.DataType;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.Tensor;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Copies what a run computed out of ONNX Runtime's memory, once. */
final class RunOutputs {
  /** A UTF-8 sequence of four bytes, each of which became a character. */
  private static final Pattern TORN_CHARACTER =
      Pattern.compile("[\u00F0-\u00F4][\u0080-\u00BF]{3}");

  private RunOutputs() {}

  /**
   * The outputs, in the order of the result; the caller owns them.
   *
   * @throws McpException UNSUPPORTED_DTYPE
   */
  static List<Tensor> copy(OrtSession.Result result) throws OrtException {
    List<Tensor> tensors = new ArrayList<>(result.size());
    boolean complete = false;
    try {
      for (Map.Entry<String, OnnxValue> output : result) {
        tensors.add(copy(output.getKey(), output.getValue()));
      }
      complete = true;
      return tensors;
    } finally {
      if (!complete) {
        tensors.forEach(Tensor::release);
      }
    }
  }

  private static Tensor copy(String name, OnnxValue value) throws OrtException {
    if (!(value instanceof OnnxTensor tensor)) {
      throw unsupported(name, "not a tensor");
    }
    TensorInfo info = tensor.getInfo();
    DataType type = ElementTypes.fromOnnx(info.onnxType);
    if (type == null) {
      throw unsupported(name, "of a type that this runtime cannot read");
    }
    if (type == DataType.STRING) {
      return strings(name, tensor, info.getShape());
    }
    return Tensor.of(name, type, info.getShape(), copyOfMemory(tensor, info));
  }

  private static ByteBuf copyOfMemory(OnnxTensor tensor, TensorInfo info) throws OrtException {
    if (info.getNumElements() == 0) {
      return Unpooled.EMPTY_BUFFER;
    }
    Optional<NativeTensors> natives = NativeTensors.instance();
    if (natives.isEmpty()) {
      return Unpooled.wrappedBuffer(tensor.getByteBuffer());
    }
    ByteBuffer memory = natives.get().memory(tensor);
    int length = memory.remaining();
    return PooledByteBufAllocator.DEFAULT.directBuffer(length, length).writeBytes(memory);
  }

  private static Tensor strings(String name, OnnxTensor tensor, long[] shape) throws OrtException {
    Object value = tensor.getValue();
    String[] values =
        value instanceof String scalar ? new String[] {scalar} : OrtUtil.flattenString(value);
    for (int i = 0; i < values.length; i++) {
      values[i] = mended(values[i]);
    }
    return Tensor.of(name, values, values.length).reshaped(shape);
  }

  /**
   * The Java binding reads UTF-8 as Java's modified one, which knows no sequence of four bytes:
   * each byte of a character above U+FFFF arrives as a character of its own.
   */
  private static String mended(String value) {
    if (value.chars().noneMatch(c -> c >= 0xF0 && c <= 0xF4)) {
      return value;
    }
    return TORN_CHARACTER
        .matcher(value)
        .replaceAll(
            torn ->
                new String(
                    torn.group().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8));
  }

  private static McpException unsupported(String name, String what) {
    return McpException.streamError(
        ErrorCode.UNSUPPORTED_DTYPE, "output " + Reason.quoted(name) + " is " + what);
  }
}
