package io.modelcontrol.proof;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;

/**
 * ONNX Runtime without anything around it: threads that run batches of one size again and again, on
 * inputs that are there before. Session settings are those of this project's runtime.
 */
final class BareBatches implements AutoCloseable {
  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final OrtSession session;
  private final String input;
  private final int threads;
  private final ExecutorService pool;
  private final AtomicLong all = new AtomicLong();

  BareBatches(byte[] model, int threads) throws OrtException {
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      options.setInterOpNumThreads(1);
      options.addConfigEntry("session.intra_op.allow_spinning", "0");
      session = environment.createSession(model, options);
    }
    input = session.getInputNames().iterator().next();
    this.threads = threads;
    pool = Executors.newFixedThreadPool(threads);
  }

  /** Of all calls together. */
  long rows() {
    return all.get();
  }

  /** Rows per second of batches of this size; each thread's pace counts to the end of its run. */
  double rate(int size, long[] rowShape, long nanos) throws Exception {
    List<Future<Double>> paces = new ArrayList<>();
    long end = System.nanoTime() + nanos;
    for (int i = 0; i < threads; i++) {
      paces.add(pool.submit(() -> pace(size, rowShape, end)));
    }
    double rate = 0;
    for (Future<Double> pace : paces) {
      rate += pace.get();
    }
    return rate;
  }

  private double pace(int size, long[] rowShape, long end) throws OrtException {
    long[] shape = new long[rowShape.length + 1];
    shape[0] = size;
    int bytes = size * Float.BYTES;
    for (int i = 0; i < rowShape.length; i++) {
      shape[i + 1] = rowShape[i];
      bytes *= (int) rowShape[i];
    }
    ByteBuffer data = ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    try (OnnxTensor tensor =
        OnnxTensor.createTensor(environment, data, shape, OnnxJavaType.FLOAT)) {
      long begin = System.nanoTime();
      long now = begin;
      long rows = 0;
      while (now - end < 0) {
        session.run(Map.of(input, tensor)).close();
        rows += size;
        all.addAndGet(size);
        now = System.nanoTime();
      }
      return rows * 1e9 / (now - begin);
    }
  }

  @Override
  public void close() throws OrtException {
    pool.shutdown();
    session.close();
  }
}
