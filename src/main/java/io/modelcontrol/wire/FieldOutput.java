package io.modelcontrol.wire;

import io.modelcontrol.Tensor;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;

/**
 * Writes fields into one buffer; data above some size is not copied into it but referred to,
 * between slices of the buffer. Retains what it refers to.
 */
final class FieldOutput extends FieldWriter {
  /** From here on a reference costs less than a copy. */
  private static final int REFERENCED_BYTES = 8192;

  /** Up to here an array is made, and later collected, for less than a buffer of a pool costs. */
  private static final int COLLECTED_BYTES = 1024;

  private final ByteBuf out;
  private CompositeByteBuf whole;

  /**
   * An output.
   *
   * @param inlineBytes that will be written besides what is referred to
   * @param referring whether something is: a socket copies all of a message of which a part is no
   *     direct memory
   */
  FieldOutput(ByteBufAllocator allocator, int inlineBytes, boolean referring) {
    this.out =
        inlineBytes <= COLLECTED_BYTES && !referring
            ? Unpooled.wrappedBuffer(new byte[inlineBytes]).clear()
            : allocator.buffer(inlineBytes);
  }

  static boolean isReferenced(ByteBuf value) {
    return value.readableBytes() >= REFERENCED_BYTES;
  }

  void type(int type) {
    out.writeByte(type);
  }

  /** What was written; passes to the caller. */
  ByteBuf finish() {
    if (whole == null) {
      return out;
    }
    closeInline();
    out.release();
    return whole;
  }

  void release() {
    out.release();
    if (whole != null) {
      whole.release();
    }
  }

  @Override
  void head(Tag tag, int length) {
    out.writeByte(tag.code());
    Varint.write(out, length);
  }

  @Override
  void varint(long value, int size) {
    Varint.write(out, value);
  }

  @Override
  void raw(byte[] value) {
    out.writeBytes(value);
  }

  @Override
  void utf8(String value, int size) {
    ByteBufUtil.reserveAndWriteUtf8(out, value, size);
  }

  @Override
  void tensorHead(Tensor tensor, int nameSize, int size) {
    TensorCodec.writeHead(out, tensor, nameSize);
  }

  @Override
  void data(ByteBuf value) {
    if (!isReferenced(value)) {
      copy(value, value.readableBytes());
      return;
    }
    if (whole == null) {
      whole = out.alloc().compositeBuffer(Integer.MAX_VALUE);
    }
    closeInline();
    Pieces.append(whole, Pieces.part(value, value.readerIndex(), value.readableBytes()));
  }

  /** Into an array without a view of either buffer, which is an object more. */
  private void copy(ByteBuf value, int length) {
    if (out.hasArray()) {
      int at = out.writerIndex();
      value.getBytes(value.readerIndex(), out.array(), out.arrayOffset() + at, length);
      out.writerIndex(at + length);
    } else {
      out.writeBytes(value, value.readerIndex(), length);
    }
  }

  private void closeInline() {
    if (out.isReadable()) {
      whole.addComponent(true, out.readRetainedSlice(out.readableBytes()));
    }
  }
}
