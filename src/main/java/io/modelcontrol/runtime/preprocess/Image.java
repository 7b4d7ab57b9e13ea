package io.modelcontrol.runtime.preprocess;

import io.modelcontrol.DataType;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.Tensor;
import io.netty.buffer.ByteBuf;

/**
 * An image between two steps: its measures, and its pixels row by row. Pixels lie height by width
 * by channels whatever the layout says: the layout is applied once, where the result is written.
 *
 * <p>The first image of a chain reads the request's bytes in place, so that a large photo is never
 * held as floats before it was made smaller.
 */
final class Image {
  /** Elements of an image within a chain: 256 MiB of floats. */
  static final long MAX_ELEMENTS = PreprocessChain.MAX_OUTPUT_BYTES / Float.BYTES;

  final int height;
  final int width;
  final ColorOrder order;
  final DataType type;
  final boolean planar;

  private final ByteBuf bytes;
  private final byte[] rowBytes;
  private final float[] values;

  private Image(
      int height,
      int width,
      ColorOrder order,
      DataType type,
      boolean planar,
      ByteBuf bytes,
      float[] values) {
    this.height = height;
    this.width = width;
    this.order = order;
    this.type = type;
    this.planar = planar;
    this.bytes = bytes;
    this.rowBytes = bytes == null ? null : new byte[width * order.channels];
    this.values = values;
  }

  /** A view of a decoded image: UINT8, height by width by channels. */
  static Image of(Tensor tensor) {
    ColorOrder order = tensor.rank() == 3 ? ColorOrder.ofChannels(tensor.dimension(2)) : null;
    if (tensor.dataType() != DataType.UINT8 || order == null || tensor.elements() == 0) {
      throw McpException.streamError(
          ErrorCode.INVALID_TENSOR,
          "tensor " + tensor + " is no image: expected UINT8 [height, width, 1, 3 or 4]");
    }
    int height = (int) tensor.dimension(0);
    int width = (int) tensor.dimension(1);
    return new Image(height, width, order, DataType.UINT8, false, tensor.data(), null);
  }

  /** An image of other measures, whose pixels are to be written into a buffer that it is given. */
  Image resized(int newHeight, int newWidth, float[] target) {
    return new Image(newHeight, newWidth, order, type, planar, null, target);
  }

  Image recolored(ColorOrder newOrder, float[] target) {
    return new Image(height, width, newOrder, type, planar, null, target);
  }

  Image retyped(DataType newType, float[] target) {
    return new Image(height, width, order, newType, planar, null, target);
  }

  Image laidOut(boolean newPlanar) {
    return new Image(height, width, order, type, newPlanar, bytes, values);
  }

  int rowLength() {
    return width * order.channels;
  }

  /** The buffer behind an image that a step writes. */
  float[] values() {
    return values;
  }

  /** Copies one row into a buffer. */
  void readRow(int y, float[] target, int offset) {
    int length = rowLength();
    if (bytes == null) {
      System.arraycopy(values, y * length, target, offset, length);
      return;
    }
    bytes.getBytes(bytes.readerIndex() + y * length, rowBytes);
    for (int i = 0; i < length; i++) {
      target[offset + i] = rowBytes[i] & 0xFF;
    }
  }
}
