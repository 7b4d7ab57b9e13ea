package io.modelcontrol.bench.serving;

import ai.onnxruntime.OrtException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;

/**
 * What everybody is asked, and has to answer to the last bit.
 *
 * @param model the file
 * @param input name of the only input
 * @param output name of the only output
 * @param data floats in direct memory
 * @param answer what bare ONNX Runtime gives for it
 */
record Sample(
    byte[] model, String input, String output, long[] shape, ByteBuffer data, ByteBuffer answer) {

  static Sample of(byte[] model, long... shape) throws OrtException {
    int elements = 1;
    for (long dimension : shape) {
      elements *= (int) dimension;
    }
    ByteBuffer data =
        ByteBuffer.allocateDirect(elements * Float.BYTES).order(ByteOrder.nativeOrder());
    Random random = new Random(elements);
    for (int i = 0; i < elements; i++) {
      data.putFloat(random.nextFloat());
    }
    data.flip();
    try (OrtModel bare = new OrtModel(model)) {
      ByteBuffer answer = bare.run(data, shape);
      return new Sample(model, bare.input(), bare.output(), shape, data, answer);
    }
  }

  /** A view of the data with a position of its own. */
  ByteBuffer freshData() {
    return data.duplicate().order(ByteOrder.nativeOrder());
  }

  /** Fails a contender that answers something else. */
  void check(ByteBuffer answered) {
    if (answer.mismatch(answered) >= 0) {
      throw new IllegalStateException("another answer than that of bare ONNX Runtime");
    }
  }
}
