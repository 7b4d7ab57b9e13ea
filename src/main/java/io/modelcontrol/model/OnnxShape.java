package io.modelcontrol.model;

/** The dimensions of a tensor as they arrive, and their product. */
final class OnnxShape {
  /** More dimensions than any runtime takes; io.modelcontrol.Tensor has the same limit. */
  static final int MAX_RANK = 64;

  private long product = 1;
  private int rank;
  private boolean empty;

  void add(long dimension) {
    if (dimension < 0) {
      throw OnnxRejection.TENSOR_SIZE.because("a tensor has the negative dimension " + dimension);
    }
    if (++rank > MAX_RANK) {
      throw OnnxRejection.TENSOR_SIZE.because("a tensor has more than " + MAX_RANK + " dimensions");
    }
    empty |= dimension == 0;
    try {
      // A zero does not excuse an overflow of the others: runtimes multiply in their own order.
      product = Math.multiplyExact(product, Math.max(1, dimension));
    } catch (ArithmeticException e) {
      throw OnnxRejection.TENSOR_SIZE.because(
          "a tensor's dimensions have a product that exceeds 64 bits");
    }
  }

  long elements() {
    return empty ? 0 : product;
  }
}
