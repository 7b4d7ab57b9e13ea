package io.modelcontrol.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;

/**
 * Parts of buffers that consist of many pieces, as large messages do. A slice of such a buffer
 * costs a walk over all of its pieces whenever a socket asks what it is, so that sending a message
 * in frames would take the square of its size; a part made here knows its own pieces only.
 */
public final class Pieces {
  private Pieces() {}

  /** Reads the next bytes without a copy; who gets them releases them. */
  public static ByteBuf take(ByteBuf in, int length) {
    ByteBuf part = part(in, in.readerIndex(), length);
    in.skipBytes(length);
    return part;
  }

  /** The bytes at an index without a copy; who gets them releases them. */
  public static ByteBuf part(ByteBuf in, int index, int length) {
    if (!(in instanceof CompositeByteBuf composite)) {
      return in.retainedSlice(index, length);
    }
    List<ByteBuf> parts = composite.decompose(index, length);
    return switch (parts.size()) {
      case 0 -> Unpooled.EMPTY_BUFFER;
      case 1 -> parts.get(0).retain();
      default -> joined(parts, in);
    };
  }

  private static ByteBuf joined(List<ByteBuf> parts, ByteBuf in) {
    CompositeByteBuf whole = in.alloc().compositeBuffer(Integer.MAX_VALUE);
    for (ByteBuf part : parts) {
      whole.addComponent(true, part.retain());
    }
    return whole;
  }

  /** Appends a buffer and takes it over; of one that has pieces itself, these. */
  public static void append(CompositeByteBuf whole, ByteBuf piece) {
    whole.addFlattenedComponents(true, piece);
  }

  /** Copies bytes to memory of the garbage collector, and releases where they were. */
  static ByteBuf toHeap(ByteBuf pooled) {
    byte[] copy = new byte[pooled.readableBytes()];
    pooled.readBytes(copy).release();
    return Unpooled.wrappedBuffer(copy);
  }
}
