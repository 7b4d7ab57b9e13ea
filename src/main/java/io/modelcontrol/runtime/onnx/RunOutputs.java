package io.modelcontrol.runtime.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import io.modelcontrol.DataType;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.Tensor;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Copies what a run computed out of ONNX Runtime's memory, once. */
final class RunOutputs {
  private final OutputStrings strings;

  RunOutputs(OrtEnvironment environment) {
    strings = new OutputStrings(environment);
  }

  /**
   * The outputs, in the order of the result; the caller owns them.
   *
   * @throws McpException UNSUPPORTED_DTYPE
   */
  List<Tensor> copy(OrtSession.Result result) throws OrtException {
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

  /** One output; the caller owns it. */
  Tensor copy(String name, OnnxValue value) throws OrtException {
    if (!(value instanceof OnnxTensor tensor)) {
      throw unsupported(name, "not a tensor");
    }
    TensorInfo info = tensor.getInfo();
    DataType type = ElementTypes.fromOnnx(info.onnxType);
    if (type == null) {
      throw unsupported(name, "of a type that this runtime cannot read");
    }
    if (type == DataType.STRING) {
      String[] values = strings.read(tensor);
      return Tensor.of(name, values, values.length).reshaped(info.getShape());
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

  private static McpException unsupported(String name, String what) {
    return McpException.streamError(
        ErrorCode.UNSUPPORTED_DTYPE, "output " + Reason.quoted(name) + " is " + what);
  }
}
