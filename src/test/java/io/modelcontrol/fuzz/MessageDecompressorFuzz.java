package io.modelcontrol.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.github.luben.zstd.Zstd;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.wire.MessageDecompressor;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.Arrays;

/**
 * Whatever comes as a compressed message unfolds within the bounds, or is a typed error of its
 * stream; all memory comes back. The first byte of the input says how: an odd one has the rest
 * compressed first, which must unfold to the same, and its upper bits are the size of the pieces.
 */
class MessageDecompressorFuzz {
  private static final int MAX_MESSAGE_BYTES = 256 * 1024;
  private static final int MOST_RATIO = 100;
  private static final int MOST_BESIDES_BYTES = 64 * 1024;

  @FuzzTest(maxDuration = "10m")
  void unfoldsWithinTheBounds(byte[] input) {
    if (input.length < 2) {
      return;
    }
    byte[] rest = Arrays.copyOfRange(input, 1, input.length);
    boolean honest = (input[0] & 1) == 1;
    byte[] compressed = honest ? Zstd.compress(rest, 3) : rest;
    UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false, true);
    ByteBuf message = pieces(compressed, 1 + ((input[0] & 0xFF) >>> 1), allocator);
    byte[] unfolded = unfold(message, allocator);
    if (honest && !Arrays.equals(unfolded, rest)) {
      throw new AssertionError("unfolds to something else");
    }
    if (unfolded != null
        && unfolded.length > compressed.length * (long) MOST_RATIO + MOST_BESIDES_BYTES) {
      throw new AssertionError(compressed.length + " bytes unfold to " + unfolded.length);
    }
    if (allocator.metric().usedDirectMemory() + allocator.metric().usedHeapMemory() != 0) {
      throw new AssertionError("memory is still held");
    }
  }

  private static ByteBuf pieces(byte[] bytes, int pieceBytes, UnpooledByteBufAllocator allocator) {
    CompositeByteBuf pieces = allocator.compositeBuffer(Integer.MAX_VALUE);
    for (int at = 0; at < bytes.length; at += pieceBytes) {
      int length = Math.min(pieceBytes, bytes.length - at);
      pieces.addComponent(true, allocator.directBuffer(length).writeBytes(bytes, at, length));
    }
    return pieces;
  }

  private static byte[] unfold(ByteBuf message, UnpooledByteBufAllocator allocator) {
    try {
      ByteBuf whole = MessageDecompressor.decompress(message, MAX_MESSAGE_BYTES, allocator);
      byte[] bytes = ByteBufUtil.getBytes(whole);
      whole.release();
      return bytes;
    } catch (McpException e) {
      boolean typed =
          e.code() == ErrorCode.MALFORMED_MESSAGE || e.code() == ErrorCode.MESSAGE_TOO_LARGE;
      if (!typed || e.scope() != McpException.Scope.STREAM) {
        throw new AssertionError("not an error of the stream", e);
      }
      return null;
    }
  }
}
