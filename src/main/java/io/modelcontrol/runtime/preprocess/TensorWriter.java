package io.modelcontrol.runtime.preprocess;

import io.modelcontrol.DataType;
import io.modelcontrol.Float16;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Writes the pixels of a finished image in their type and layout, dense and little-endian. */
final class TensorWriter {
  private static final long UINT32_MAX = 0xFFFF_FFFFL;

  private TensorWriter() {}

  /** The bytes in a new direct buffer, which a native runtime can use in place. */
  static ByteBuf write(Image image) {
    int bytes = Math.toIntExact(image.type.byteLength((long) image.height * image.rowLength()));
    ByteBuf out = ByteBufAllocator.DEFAULT.directBuffer(bytes, bytes);
    try {
      ByteBuffer target = out.nioBuffer(0, bytes).order(ByteOrder.LITTLE_ENDIAN);
      if (image.planar && image.order.channels > 1) {
        writePlanes(image, target);
      } else {
        writeRows(image, target);
      }
      return out.writerIndex(bytes);
    } catch (RuntimeException | Error e) {
      out.release();
      throw e;
    }
  }

  private static void writeRows(Image image, ByteBuffer target) {
    float[] row = new float[image.rowLength()];
    for (int y = 0; y < image.height; y++) {
      image.readRow(y, row, 0);
      put(image.type, row, 0, 1, row.length, target);
    }
  }

  /** Reads each row once, and writes a piece of it into each plane. */
  private static void writePlanes(Image image, ByteBuffer target) {
    int channels = image.order.channels;
    int elementBytes = image.type.bits() / 8;
    int planeBytes = image.height * image.width * elementBytes;
    float[] row = new float[image.rowLength()];
    for (int y = 0; y < image.height; y++) {
      image.readRow(y, row, 0);
      for (int c = 0; c < channels; c++) {
        target.position(c * planeBytes + y * image.width * elementBytes);
        put(image.type, row, c, channels, image.width, target);
      }
    }
  }

  private static void put(
      DataType type, float[] row, int from, int stride, int count, ByteBuffer out) {
    int end = from + stride * count;
    switch (type) {
      case FLOAT -> putFloats(row, from, end, stride, out);
      case UINT8, INT8 -> putBytes(row, from, end, stride, out);
      default -> {
        for (int i = from; i < end; i += stride) {
          putOne(type, row[i], out);
        }
      }
    }
  }

  private static void putFloats(float[] row, int from, int end, int stride, ByteBuffer out) {
    for (int i = from; i < end; i += stride) {
      out.putFloat(row[i]);
    }
  }

  private static void putBytes(float[] row, int from, int end, int stride, ByteBuffer out) {
    for (int i = from; i < end; i += stride) {
      out.put((byte) (int) row[i]);
    }
  }

  private static void putOne(DataType type, float value, ByteBuffer out) {
    switch (type) {
      case DOUBLE -> out.putDouble(value);
      case FLOAT16 -> out.putShort(Float16.toBits(value));
      case BFLOAT16 -> out.putShort(Float16.toBfloat16Bits(value));
      case UINT16, INT16 -> out.putShort((short) (int) value);
      case INT32 -> out.putInt((int) value);
      case UINT32 -> out.putInt((int) Math.min(UINT32_MAX, (long) value));
      case INT64 -> out.putLong((long) value);
      default -> throw new IllegalStateException("no step makes " + type);
    }
  }
}
