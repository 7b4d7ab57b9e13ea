package io.modelcontrol.runtime;

import io.modelcontrol.Tensor;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.ArrayList;
import java.util.List;

/**
 * Puts the inputs of several requests one after the other, each byte copied once, into direct
 * memory that is used again by the next batch. On one thread at a time.
 */
final class Gather implements AutoCloseable {
  /** Kernels read fastest from whole cache lines. */
  private static final int ALIGNMENT = 64;

  private ByteBuf buffer;

  /**
   * The joined inputs, valid until the next call; the caller releases them.
   *
   * @param members each with the same inputs in the same order, alike but for dimension 0
   */
  List<Tensor> join(List<List<Tensor>> members) {
    int inputs = members.get(0).size();
    reserve(bytes(members));
    List<Tensor> joined = new ArrayList<>(inputs);
    int offset = 0;
    for (int i = 0; i < inputs; i++) {
      int start = offset;
      long rows = 0;
      for (List<Tensor> member : members) {
        Tensor part = member.get(i);
        buffer.setBytes(offset, part.data(), part.data().readerIndex(), part.byteLength());
        offset += part.byteLength();
        rows += part.dimension(0);
      }
      Tensor first = members.get(0).get(i);
      long[] shape = first.shape();
      shape[0] = rows;
      ByteBuf data = buffer.retainedSlice(start, offset - start);
      joined.add(Tensor.of(first.name(), first.dataType(), shape, data));
      offset = aligned(offset);
    }
    return joined;
  }

  private static int bytes(List<List<Tensor>> members) {
    long bytes = 0;
    for (int i = 0; i < members.get(0).size(); i++) {
      for (List<Tensor> member : members) {
        bytes += member.get(i).byteLength();
      }
      bytes += ALIGNMENT;
    }
    return Math.toIntExact(bytes);
  }

  private static int aligned(int offset) {
    return offset + ALIGNMENT - 1 & -ALIGNMENT;
  }

  /** A run that was given up may leave its inputs with somebody who still reads them. */
  private void reserve(int bytes) {
    if (buffer != null && (buffer.capacity() < bytes || buffer.refCnt() > 1)) {
      buffer.release();
      buffer = null;
    }
    if (buffer == null) {
      buffer = PooledByteBufAllocator.DEFAULT.directBuffer(bytes + bytes / 4);
    }
  }

  /** Bytes that are held for the next batch. */
  int heldBytes() {
    return buffer == null ? 0 : buffer.capacity();
  }

  @Override
  public void close() {
    if (buffer != null) {
      buffer.release();
      buffer = null;
    }
  }
}
