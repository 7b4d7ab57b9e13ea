package io.modelcontrol.runtime.conformance;

import io.modelcontrol.DataType;
import io.modelcontrol.Tensor;
import io.modelcontrol.TensorSpec;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.Random;

/** Tensors for what a model declares. */
final class Samples {
  /** The same bytes each time, so that what failed fails again. */
  private static final long SEED = 6;

  private static final String[] TEXTS = {"", "a", "größer", "模型", "line\nbreak", "\uD83D\uDE00"};

  private Samples() {}

  /** On the heap, with bytes that repeat nothing; dynamic dimensions are as many rows. */
  static Tensor of(TensorSpec spec, long rows) {
    long[] shape = shape(spec, rows);
    int elements = (int) Tensor.elements(spec.name(), shape);
    if (spec.dataType() == DataType.STRING) {
      String[] texts = new String[elements];
      for (int i = 0; i < elements; i++) {
        texts[i] = TEXTS[i % TEXTS.length];
      }
      return Tensor.of(spec.name(), texts, elements).reshaped(shape);
    }
    byte[] bytes = new byte[(int) spec.dataType().byteLength(elements)];
    new Random(SEED).nextBytes(bytes);
    if (spec.dataType() == DataType.BOOL) {
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] &= 1;
      }
    }
    return Tensor.of(spec.name(), spec.dataType(), shape, Unpooled.wrappedBuffer(bytes));
  }

  /** As {@link #of}, but in native memory, as data from the network is: from any address on. */
  static Tensor direct(TensorSpec spec, long rows) {
    Tensor heap = of(spec, rows);
    ByteBuf data = PooledByteBufAllocator.DEFAULT.directBuffer(1 + heap.byteLength());
    data.writeByte(0).writeBytes(heap.bytes());
    return Tensor.of(spec.name(), spec.dataType(), heap.shape(), data.skipBytes(1));
  }

  /** Zeros on the heap for each input. */
  static List<Tensor> zeros(ConformanceModel model) {
    return model.inputs().stream().map(Samples::zeros).toList();
  }

  private static Tensor zeros(TensorSpec spec) {
    long[] shape = shape(spec, 1);
    int bytes = (int) spec.dataType().byteLength(Tensor.elements(spec.name(), shape));
    return Tensor.of(spec.name(), spec.dataType(), shape, Unpooled.wrappedBuffer(new byte[bytes]));
  }

  private static long[] shape(TensorSpec spec, long rows) {
    long[] shape = spec.shape();
    for (int i = 0; i < shape.length; i++) {
      shape[i] = shape[i] == TensorSpec.DYNAMIC ? rows : shape[i];
    }
    return shape;
  }
}
