package io.modelcontrol.wire;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.netty.buffer.ByteBuf;
import java.util.BitSet;

/**
 * Which chunks of a list are lacking, as run lengths: varints, in turns how many are there and how
 * many are lacking, from the first chunk to the last. Specification, "Delta".
 */
public final class ChunkRuns {
  private ChunkRuns() {}

  /** Writes the runs of so many chunks. */
  public static void write(BitSet lacking, int chunks, ByteBuf out) {
    for (int at = 0; at < chunks; ) {
      int lacks = end(lacking.nextSetBit(at), chunks);
      int there = lacking.nextClearBit(lacks);
      there = Math.min(there, chunks);
      Varint.write(out, lacks - at);
      Varint.write(out, there - lacks);
      at = there;
    }
  }

  private static int end(int bitOrNone, int chunks) {
    return bitOrNone < 0 ? chunks : bitOrNone;
  }

  /**
   * Reads the runs of so many chunks.
   *
   * @throws McpException INVALID_ARGUMENT, for the stream, if they tell of more or fewer chunks
   */
  public static BitSet read(ByteBuf in, int chunks) {
    BitSet lacking = new BitSet(chunks);
    long at = 0;
    boolean lacks = false;
    while (in.isReadable()) {
      long run = Varint.read(in);
      if (run > chunks - at) {
        throw invalid("more than " + chunks + " chunks");
      }
      if (lacks) {
        lacking.set((int) at, (int) (at + run));
      }
      at += run;
      lacks = !lacks;
    }
    if (at != chunks) {
      throw invalid(at + " of " + chunks + " chunks");
    }
    return lacking;
  }

  private static McpException invalid(String text) {
    return McpException.streamError(ErrorCode.INVALID_ARGUMENT, "the runs tell of " + text);
  }
}
