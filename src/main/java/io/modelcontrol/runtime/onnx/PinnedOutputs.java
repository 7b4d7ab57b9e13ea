package io.modelcontrol.runtime.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import io.modelcontrol.DataType;
import io.modelcontrol.Tensor;
import io.modelcontrol.TensorSpec;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Memory for the outputs of one run, made before it: ONNX Runtime writes them where they stay.
 * Without, its binding makes objects for what it has computed, which costs more than the run of a
 * small model, and every output is copied. Closed after the run.
 */
final class PinnedOutputs implements AutoCloseable {
  private final Map<String, OnnxTensor> byName = new LinkedHashMap<>();
  private List<Tensor> tensors = new ArrayList<>();

  private PinnedOutputs() {}

  /**
   * Memory for these outputs, as many bytes as type and shape ask for.
   *
   * @param specs with all dimensions, and at least one element
   */
  static PinnedOutputs of(OrtEnvironment environment, List<TensorSpec> specs) throws OrtException {
    PinnedOutputs pinned = new PinnedOutputs();
    boolean complete = false;
    try {
      for (TensorSpec spec : specs) {
        pinned.add(environment, spec);
      }
      complete = true;
      return pinned;
    } finally {
      if (!complete) {
        pinned.close();
      }
    }
  }

  private void add(OrtEnvironment environment, TensorSpec spec) throws OrtException {
    DataType type = spec.dataType();
    long[] shape = spec.shape();
    long elements = 1;
    for (long dimension : shape) {
      elements = Math.multiplyExact(elements, dimension);
    }
    int bytes = Math.toIntExact(type.byteLength(elements));
    ByteBuf data = PooledByteBufAllocator.DEFAULT.directBuffer(bytes, bytes).writerIndex(bytes);
    tensors.add(Tensor.of(spec.name(), type, shape, data));
    byName.put(spec.name(), RunInputs.tensor(environment, data.nioBuffer(0, bytes), shape, type));
  }

  Map<String, OnnxTensor> byName() {
    return byName;
  }

  /** The outputs, once, after the run that has written them; the caller owns them. */
  List<Tensor> take() {
    List<Tensor> taken = tensors;
    tensors = List.of();
    return taken;
  }

  @Override
  public void close() {
    byName.values().forEach(OnnxTensor::close);
    tensors.forEach(Tensor::release);
  }
}
