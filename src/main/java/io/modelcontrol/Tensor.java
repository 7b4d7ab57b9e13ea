package io.modelcontrol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * A tensor: a name, an element type, a shape, and dense, row-major, little-endian data. Contract 3.
 *
 * <p>The data is held by reference, never copied: a tensor that came from the network is a slice of
 * the buffer it was read into. It has one owner at a time, who calls {@link #release()} or passes
 * the tensor on. Tensors made by the factories of this class, and those in a client's results, live
 * in memory of the garbage collector: releasing them is allowed and does nothing that matters.
 *
 * <p>Not thread-safe while its data is written; safe to read from any thread after a safe
 * hand-over.
 */
public final class Tensor {
  /** More dimensions than any runtime here takes. */
  public static final int MAX_RANK = 64;

  private final String name;
  private final DataType dataType;
  private final long[] shape;
  private final long elements;
  private final ByteBuf data;

  private Tensor(String name, DataType dataType, long[] shape, long elements, ByteBuf data) {
    this.name = name;
    this.dataType = dataType;
    this.shape = shape;
    this.elements = elements;
    this.data = data;
  }

  /**
   * A tensor over data that is already in the wire's layout. Ownership of the data passes to the
   * tensor, but not if this method throws.
   *
   * @throws McpException INVALID_TENSOR if the data has not exactly the bytes that type and shape
   *     ask for
   */
  public static Tensor of(String name, DataType dataType, long[] shape, ByteBuf data) {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(dataType, "dataType");
    long elements = elements(name, shape);
    checkSize(name, dataType, shape, elements, data);
    return new Tensor(name, dataType, shape.clone(), elements, data);
  }

  /** A FLOAT tensor; the values are copied. No shape means one dimension. */
  public static Tensor of(String name, float[] values, long... shape) {
    ByteBuffer bytes = allocate(values.length, Float.BYTES);
    bytes.asFloatBuffer().put(values);
    return of(name, DataType.FLOAT, shapeOr(shape, values.length), Unpooled.wrappedBuffer(bytes));
  }

  /** A DOUBLE tensor; the values are copied. No shape means one dimension. */
  public static Tensor of(String name, double[] values, long... shape) {
    ByteBuffer bytes = allocate(values.length, Double.BYTES);
    bytes.asDoubleBuffer().put(values);
    return of(name, DataType.DOUBLE, shapeOr(shape, values.length), Unpooled.wrappedBuffer(bytes));
  }

  /** An INT32 tensor; the values are copied. No shape means one dimension. */
  public static Tensor of(String name, int[] values, long... shape) {
    ByteBuffer bytes = allocate(values.length, Integer.BYTES);
    bytes.asIntBuffer().put(values);
    return of(name, DataType.INT32, shapeOr(shape, values.length), Unpooled.wrappedBuffer(bytes));
  }

  /** An INT64 tensor; the values are copied. No shape means one dimension. */
  public static Tensor of(String name, long[] values, long... shape) {
    ByteBuffer bytes = allocate(values.length, Long.BYTES);
    bytes.asLongBuffer().put(values);
    return of(name, DataType.INT64, shapeOr(shape, values.length), Unpooled.wrappedBuffer(bytes));
  }

  /** A UINT8 tensor over these bytes, which are not copied. No shape means one dimension. */
  public static Tensor of(String name, byte[] values, long... shape) {
    return of(name, DataType.UINT8, shapeOr(shape, values.length), Unpooled.wrappedBuffer(values));
  }

  /** A BOOL tensor; the values are copied. No shape means one dimension. */
  public static Tensor of(String name, boolean[] values, long... shape) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) (values[i] ? 1 : 0);
    }
    return of(name, DataType.BOOL, shapeOr(shape, values.length), Unpooled.wrappedBuffer(bytes));
  }

  /** A STRING tensor; the values are encoded. No shape means one dimension. */
  public static Tensor of(String name, String[] values, long... shape) {
    ByteBuf bytes = Unpooled.buffer();
    for (String value : values) {
      byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
      StringElements.writeLength(bytes, utf8.length);
      bytes.writeBytes(utf8);
    }
    return of(name, DataType.STRING, shapeOr(shape, values.length), bytes);
  }

  /**
   * A tensor of any type over bytes in the wire's layout, between position and limit; not copied,
   * so the caller leaves them unchanged until the tensor was used.
   */
  public static Tensor of(String name, DataType dataType, ByteBuffer data, long... shape) {
    return of(name, dataType, shape, Unpooled.wrappedBuffer(data.slice()));
  }

  public String name() {
    return name;
  }

  public DataType dataType() {
    return dataType;
  }

  /** A copy of the dimensions; empty for a scalar. */
  public long[] shape() {
    return shape.clone();
  }

  public int rank() {
    return shape.length;
  }

  /** One dimension, without a copy of all. */
  public long dimension(int index) {
    return shape[index];
  }

  /** Number of elements: the product of the dimensions, 1 for a scalar. */
  public long elements() {
    return elements;
  }

  /** Bytes of data. */
  public int byteLength() {
    return data.readableBytes();
  }

  /**
   * The data itself, in the wire's layout; may be composite. The tensor stays its owner: callers
   * use absolute reads or a duplicate, and retain what outlives the tensor.
   */
  public ByteBuf data() {
    return data;
  }

  /** The same data under another name; takes over the ownership. */
  public Tensor renamed(String newName) {
    return new Tensor(newName, dataType, shape, elements, data);
  }

  /**
   * The data with another shape of as many elements, none for a scalar; takes over the ownership.
   *
   * @throws McpException INVALID_TENSOR if the number of elements differs
   */
  public Tensor reshaped(long... newShape) {
    return of(name, dataType, newShape, data);
  }

  /** A read-only little-endian view of the data; a copy only where the data is composite. */
  public ByteBuffer bytes() {
    return data.nioBuffer().asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
  }

  /** The elements of a FLOAT tensor, copied. */
  public float[] toFloats() {
    float[] values = new float[arrayLength(DataType.FLOAT)];
    bytes().asFloatBuffer().get(values);
    return values;
  }

  /** The elements of a DOUBLE tensor, copied. */
  public double[] toDoubles() {
    double[] values = new double[arrayLength(DataType.DOUBLE)];
    bytes().asDoubleBuffer().get(values);
    return values;
  }

  /** The elements of an INT32 tensor, copied. */
  public int[] toInts() {
    int[] values = new int[arrayLength(DataType.INT32)];
    bytes().asIntBuffer().get(values);
    return values;
  }

  /** The elements of an INT64 tensor, copied. */
  public long[] toLongs() {
    long[] values = new long[arrayLength(DataType.INT64)];
    bytes().asLongBuffer().get(values);
    return values;
  }

  /** The data of any tensor in the wire's layout, copied. */
  public byte[] toByteArray() {
    byte[] values = new byte[byteLength()];
    data.getBytes(data.readerIndex(), values);
    return values;
  }

  /** The elements of a STRING tensor, decoded. */
  public List<String> toStrings() {
    List<String> values = new ArrayList<>(arrayLength(DataType.STRING));
    ByteBuf in = data.duplicate();
    while (in.isReadable()) {
      int length = StringElements.readLength(in);
      values.add(in.readCharSequence(length, StandardCharsets.UTF_8).toString());
    }
    return values;
  }

  /**
   * A part of the data along the first dimension, by reference; with an owner of its own.
   *
   * @param from the first row
   * @param count of rows
   * @throws IllegalStateException if the rows are not whole bytes
   */
  public Tensor rows(long from, long count) {
    if (!dataType.isFixedSize() || dataType.bits() < Byte.SIZE) {
      throw new IllegalStateException("rows of " + this + " are not whole bytes");
    }
    Objects.checkFromIndexSize(from, count, shape[0]);
    long[] part = shape.clone();
    part[0] = count;
    int row = shape[0] == 0 ? 0 : (int) (byteLength() / shape[0]);
    int length = (int) (row * count);
    ByteBuf slice = data.retainedSlice(data.readerIndex() + (int) (row * from), length);
    return new Tensor(name, dataType, part, elements(name, part), slice);
  }

  /**
   * The same tensor with its data copied to memory of the garbage collector; gives up the original.
   */
  public Tensor toHeap() {
    ByteBuf copy = Unpooled.buffer(Math.max(1, byteLength()), Math.max(1, byteLength()));
    copy.writeBytes(data, data.readerIndex(), byteLength());
    data.release();
    return new Tensor(name, dataType, shape, elements, copy);
  }

  /** One more owner, who releases in turn. */
  public Tensor retain() {
    data.retain();
    return this;
  }

  /** Gives up the ownership; the data must not be used afterwards. */
  public void release() {
    data.release();
  }

  /**
   * The number of elements of a shape.
   *
   * @throws McpException INVALID_TENSOR if a dimension is negative or the product exceeds a long
   */
  public static long elements(String name, long[] shape) {
    if (shape.length > MAX_RANK) {
      throw McpException.streamError(
          ErrorCode.INVALID_TENSOR,
          "tensor '" + name + "' has rank " + shape.length + ", at most " + MAX_RANK);
    }
    long elements = 1;
    boolean overflow = false;
    boolean empty = false;
    for (long dimension : shape) {
      if (dimension < 0) {
        throw McpException.streamError(
            ErrorCode.INVALID_TENSOR,
            "tensor '" + name + "' has a negative dimension in " + Arrays.toString(shape));
      }
      empty |= dimension == 0;
      long high = Math.multiplyHigh(elements, dimension);
      elements *= dimension;
      overflow |= high != 0 || elements < 0;
    }
    if (overflow) {
      throw McpException.streamError(
          ErrorCode.INVALID_TENSOR,
          "tensor '" + name + "' has more elements than can be counted: " + Arrays.toString(shape));
    }
    return empty ? 0 : elements;
  }

  private static void checkSize(
      String name, DataType dataType, long[] shape, long elements, ByteBuf data) {
    if (!dataType.isFixedSize()) {
      StringElements.check(name, elements, data);
      return;
    }
    long expected;
    try {
      expected = dataType.byteLength(elements);
    } catch (ArithmeticException e) {
      expected = Long.MAX_VALUE;
    }
    if (expected != data.readableBytes()) {
      throw McpException.streamError(
          ErrorCode.INVALID_TENSOR,
          "tensor '"
              + name
              + "' has "
              + data.readableBytes()
              + " bytes of data, "
              + dataType
              + Arrays.toString(shape)
              + " needs "
              + expected);
    }
  }

  private int arrayLength(DataType asked) {
    if (dataType != asked) {
      throw new IllegalStateException("tensor '" + name + "' is " + dataType + ", not " + asked);
    }
    return Math.toIntExact(elements);
  }

  private static ByteBuffer allocate(int elements, int size) {
    return ByteBuffer.allocate(Math.multiplyExact(elements, size)).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static long[] shapeOr(long[] shape, int length) {
    return shape.length == 0 ? new long[] {length} : shape;
  }

  @Override
  public String toString() {
    return name + " " + dataType + Arrays.toString(shape);
  }
}
