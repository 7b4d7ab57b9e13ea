package io.modelcontrol.model;

import io.modelcontrol.model.OnnxScanner.Limits;

/** What a model has used of its limits. */
final class OnnxBudget {
  private final Limits limits;
  private int nodes;
  private int initializers;
  private int parts;
  private long sparseBytes;

  OnnxBudget(Limits limits) {
    this.limits = limits;
  }

  void node() {
    if (++nodes > limits.nodes()) {
      throw OnnxRejection.COUNT.because("more than " + limits.nodes() + " nodes");
    }
  }

  void initializer() {
    if (++initializers > limits.initializers()) {
      throw OnnxRejection.COUNT.because("more than " + limits.initializers() + " initializers");
    }
  }

  /** A message, string or byte field: each is an object in the runtime's memory. */
  void part() {
    if (++parts > limits.parts()) {
      throw OnnxRejection.COUNT.because("more than " + limits.parts() + " parts");
    }
  }

  void depth(int depth) {
    if (depth > limits.depth()) {
      throw OnnxRejection.DEPTH.because("graphs are nested more than " + limits.depth() + " deep");
    }
  }

  void stringBytes(long bytes) {
    if (bytes > limits.stringBytes()) {
      throw OnnxRejection.COUNT.because(
          "a string attribute has " + bytes + " bytes, at most " + limits.stringBytes());
    }
  }

  void sparse(long elements, long bitsEach) {
    long left = limits.sparseBytes() - sparseBytes;
    if (elements > left * Byte.SIZE / bitsEach) {
      throw OnnxRejection.TENSOR_SIZE.because(
          "sparse tensors take more than " + limits.sparseBytes() + " bytes when expanded");
    }
    sparseBytes += (elements * bitsEach + Byte.SIZE - 1) / Byte.SIZE;
  }
}
