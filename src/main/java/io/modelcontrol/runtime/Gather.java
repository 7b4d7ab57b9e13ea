package io.modelcontrol.runtime;

import io.modelcontrol.Tensor;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;

/**
 * Puts the inputs of several requests one after the other, each byte copied once, into direct
 * memory that is used again by the next batch. On one thread at a time.
 */
final class Gather implements AutoCloseable {
  /** Kernels read fastest from whole cache lines. */
  private static final int ALIGNMENT = 64;

  private final LongConsumer held;
  private ByteBuf buffer;
  private int offset;

  /**
   * Nothing gathered.
   *
   * @param held told by how much the memory grows that is held for the next batch
   */
  Gather(LongConsumer held) {
    this.held = held;
  }

  /**
   * The joined inputs, valid until the next call; the caller releases them.
   *
   * @param members each with the same inputs in the same order, alike but for the joined dimension
   * @param axes for each input the dimension along which it is joined; -1 for that of the first
   *     member alone
   */
  List<Tensor> join(List<List<Tensor>> members, int[] axes) {
    reserve(bytes(members));
    offset = 0;
    List<Tensor> joined = new ArrayList<>(axes.length);
    for (int i = 0; i < axes.length; i++) {
      int input = i;
      joined.add(
          axes[i] < 0
              ? members.get(0).get(i).retain()
              : join(members.stream().map(member -> member.get(input)).toList(), axes[i]));
    }
    return joined;
  }

  private Tensor join(List<Tensor> parts, int axis) {
    Tensor first = parts.get(0);
    long[] shape = first.shape();
    int blocks = 1;
    for (int i = 0; i < axis; i++) {
      blocks = Math.toIntExact(blocks * shape[i]);
    }
    int start = offset;
    for (int block = 0; block < blocks; block++) {
      for (Tensor part : parts) {
        int length = part.byteLength() / blocks;
        int from = part.data().readerIndex() + block * length;
        buffer.setBytes(offset, part.data(), from, length);
        offset += length;
      }
    }
    shape[axis] = parts.stream().mapToLong(part -> part.dimension(axis)).sum();
    ByteBuf data = buffer.retainedSlice(start, offset - start);
    offset = aligned(offset);
    return Tensor.of(first.name(), first.dataType(), shape, data);
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
      close();
    }
    if (buffer == null) {
      buffer = PooledByteBufAllocator.DEFAULT.directBuffer(bytes + bytes / 4);
      held.accept(buffer.capacity());
    }
  }

  @Override
  public void close() {
    if (buffer != null) {
      held.accept(-buffer.capacity());
      buffer.release();
      buffer = null;
    }
  }
}
