package io.modelcontrol.serving;

import io.modelcontrol.DataType;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.Tensor;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.Arrays;

/**
 * One tensor that comes in pieces of rank 1. Its buffer doubles as bytes arrive, up to what the
 * announced shape needs: an announcement alone allocates nothing.
 */
final class ShardedTensor {
  private static final int FIRST_BYTES = 64 * 1024;

  private final String name;
  private final long[] shape;
  private final long elements;
  private final ByteBufAllocator allocator;
  private DataType dataType;
  private ByteBuf data;
  private long received;
  private int size;

  /**
   * @param shape dimensions as decimal numbers with commas between them; empty for a scalar
   * @throws McpException INVALID_ARGUMENT or INVALID_TENSOR if this is no shape
   */
  ShardedTensor(String name, String shape, ByteBufAllocator allocator) {
    this.name = name;
    this.shape = parse(name, shape);
    this.elements = Tensor.elements(name, this.shape);
    this.allocator = allocator;
  }

  private static long[] parse(String name, String shape) {
    try {
      return shape.isEmpty()
          ? new long[0]
          : Arrays.stream(shape.split(",", -1)).mapToLong(Long::parseLong).toArray();
    } catch (NumberFormatException e) {
      throw McpException.streamError(
          ErrorCode.INVALID_ARGUMENT,
          "the shape of tensor '" + name + "' has to be as 1,3,224,224");
    }
  }

  /** Copies the elements of a piece, which stays the caller's. */
  void add(Tensor piece) {
    if (dataType == null) {
      begin(piece.dataType());
    }
    check(piece);
    int missing = piece.byteLength() - data.writableBytes();
    if (missing > 0) {
      long wanted = Math.max(2L * data.capacity(), (long) data.capacity() + missing);
      data.capacity((int) Math.min(size, wanted));
    }
    ByteBuf from = piece.data();
    data.writeBytes(from, from.readerIndex(), from.readableBytes());
    received += piece.elements();
  }

  private void begin(DataType type) {
    if (!type.isFixedSize()) {
      throw invalid(type + " elements cannot come in pieces");
    }
    try {
      size = Math.toIntExact(type.byteLength(elements));
    } catch (ArithmeticException e) {
      throw McpException.streamError(
          ErrorCode.MESSAGE_TOO_LARGE,
          "tensor '" + name + "' has more than " + Integer.MAX_VALUE + " bytes");
    }
    dataType = type;
    data = allocator.buffer(Math.min(FIRST_BYTES, size), size);
  }

  private void check(Tensor piece) {
    if (piece.rank() != 1) {
      throw invalid("a piece has rank 1, this one has rank " + piece.rank());
    }
    if (piece.dataType() != dataType) {
      throw invalid("its pieces are " + dataType + ", this one is " + piece.dataType());
    }
    if (piece.elements() > elements - received) {
      throw invalid(
          "its shape has "
              + elements
              + " elements, the pieces have "
              + (received + piece.elements()));
    }
    if (received * dataType.bits() % Byte.SIZE != 0) {
      throw invalid("only its last piece may end within a byte");
    }
  }

  /** Throws INVALID_TENSOR if elements are missing. */
  void checkComplete() {
    if (dataType == null || received != elements) {
      throw invalid("its shape has " + elements + " elements, the pieces have " + received);
    }
  }

  /** The whole tensor, which is the caller's. */
  Tensor take() {
    Tensor tensor = Tensor.of(name, dataType, shape, data);
    data = null;
    return tensor;
  }

  void release() {
    if (data != null) {
      data.release();
      data = null;
    }
  }

  private McpException invalid(String why) {
    return McpException.streamError(ErrorCode.INVALID_TENSOR, "tensor '" + name + "': " + why);
  }
}
