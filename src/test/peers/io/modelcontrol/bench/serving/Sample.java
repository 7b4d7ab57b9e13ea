package io.modelcontrol.bench.serving;

import ai.onnxruntime.OrtException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Random;

/**
 * What everybody is asked, and has to answer: to the last bit, or where requests are joined nearly
 * so, as kernels add in another order then.
 *
 * @param model the file
 * @param input name of the only input
 * @param output name of the only output
 * @param data floats in direct memory
 * @param answer what bare ONNX Runtime gives for it
 * @param tolerance by which an answer may differ
 */
record Sample(
    byte[] model,
    String input,
    String output,
    long[] shape,
    ByteBuffer data,
    ByteBuffer answer,
    float tolerance) {
  private static final float JOINED = 1e-4f;

  static Sample of(byte[] model, long... shape) throws OrtException {
    return of(model, 0, shape);
  }

  /** Of a model whose requests are joined. */
  static Sample joinable(byte[] model, long... shape) throws OrtException {
    return of(model, JOINED, shape);
  }

  private static Sample of(byte[] model, float tolerance, long... shape) throws OrtException {
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
      return new Sample(model, bare.input(), bare.output(), shape, data, answer, tolerance);
    }
  }

  /** A view of the data with a position of its own. */
  ByteBuffer freshData() {
    return data.duplicate().order(ByteOrder.nativeOrder());
  }

  /** Fails a contender that answers something else. */
  void check(ByteBuffer answered) {
    if (answer.mismatch(answered) >= 0 && !isNear(answered)) {
      throw new IllegalStateException("another answer than that of bare ONNX Runtime");
    }
  }

  private boolean isNear(ByteBuffer answered) {
    FloatBuffer own = answer.duplicate().order(ByteOrder.nativeOrder()).asFloatBuffer();
    FloatBuffer other = answered.duplicate().order(ByteOrder.nativeOrder()).asFloatBuffer();
    if (own.remaining() != other.remaining()) {
      return false;
    }
    while (own.hasRemaining()) {
      if (!(Math.abs(own.get() - other.get()) <= tolerance)) {
        return false;
      }
    }
    return true;
  }
}
