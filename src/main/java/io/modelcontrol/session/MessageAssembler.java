package io.modelcontrol.session;

import io.modelcontrol.wire.Pieces;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.CompositeByteBuf;

/**
 * Puts the payloads of DATA frames together to one message. Large pieces are kept by reference;
 * small ones are merged by copy, so that a peer who sends many tiny frames does not pin a read
 * buffer, and an object, with each. Holds no more than what arrived.
 */
final class MessageAssembler {
  /** A smaller part of a read buffer would pin too much beside itself. */
  private static final int MERGE_BELOW_BYTES = 16 * 1024;

  /** What is merged is allocated as it comes, from here on. */
  private static final int MERGED_FIRST_BYTES = 4 * 1024;

  /** The merged pieces are closed and referenced at this size. */
  private static final int MERGED_BYTES = 32 * 1024;

  private final ByteBufAllocator allocator;
  private final CompositeByteBuf whole;
  private ByteBuf merged;
  private int pieces;

  MessageAssembler(ByteBufAllocator allocator) {
    this.allocator = allocator;
    this.whole = allocator.compositeBuffer(Integer.MAX_VALUE);
  }

  /** Bytes that are held. */
  int bytes() {
    return whole.readableBytes() + (merged == null ? 0 : merged.readableBytes());
  }

  /** Pieces that were added. */
  int pieces() {
    return pieces;
  }

  /** Appends a piece and takes it over. */
  void add(ByteBuf piece) {
    pieces++;
    if (piece.readableBytes() >= MERGE_BELOW_BYTES) {
      closeMerged();
      Pieces.append(whole, piece);
      return;
    }
    if (merged == null) {
      merged = allocator.buffer(MERGED_FIRST_BYTES, MERGED_BYTES);
    }
    merged.writeBytes(piece);
    piece.release();
    if (merged.maxWritableBytes() < MERGE_BELOW_BYTES) {
      closeMerged();
    }
  }

  /** The whole message; the assembler is not used afterwards. */
  ByteBuf finish() {
    closeMerged();
    return whole;
  }

  void release() {
    closeMerged();
    whole.release();
  }

  private void closeMerged() {
    if (merged != null) {
      whole.addComponent(true, merged);
      merged = null;
    }
  }
}
