package io.modelcontrol.client.impl;

import io.modelcontrol.wire.ChunkList;
import io.modelcontrol.wire.ChunkRuns;
import io.modelcontrol.wire.ContentChunker;
import io.modelcontrol.wire.DeltaParameters;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageType;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * A content by its chunks: the list for the server, and which of them it lacks. Specification,
 * "Delta". On the client's context, but for {@link #compute}.
 */
final class DeltaPush {
  /** Smaller contents are pushed as a whole: they are there before a list would be. */
  static final int LEAST_BYTES = 256 * 1024;

  private static final int READ_BYTES = 256 * 1024;

  /** Entries in one message: 64 KiB is what any server takes. */
  private static final int MESSAGE_CHUNKS = 60 * 1024 / ChunkList.MAX_ENTRY_BYTES;

  private final ChunkList chunks;
  private BitSet lacking;

  private DeltaPush(ChunkList chunks) {
    this.chunks = chunks;
  }

  /** Whether a content may be offered by its chunks. */
  static boolean isPossible(long contentBytes) {
    return contentBytes >= LEAST_BYTES && contentBytes <= ChunkList.MAX_CONTENT_BYTES;
  }

  /**
   * Cuts the content into chunks. Blocks; on a worker.
   *
   * @throws io.modelcontrol.McpException INVALID_ARGUMENT if there are more than a list may have
   */
  static DeltaPush compute(ContentSource source) throws IOException {
    ContentChunker chunker = new ContentChunker();
    for (long at = 0; at < source.size(); at += READ_BYTES) {
      ByteBuf piece = source.read(at, READ_BYTES);
      chunker.add(piece.nioBuffer());
      piece.release();
    }
    return new DeltaPush(chunker.finish());
  }

  /** The messages that carry the list. */
  List<Message> list(MessageType type) {
    List<Message> messages = new ArrayList<>();
    for (int at = 0; at < chunks.size(); at += MESSAGE_CHUNKS) {
      ByteBuf entries = Unpooled.buffer();
      chunks.write(at, Math.min(chunks.size(), at + MESSAGE_CHUNKS), entries);
      messages.add(
          Message.of(type)
              .parameter(DeltaParameters.DELTA, DeltaParameters.CHUNKS)
              .content(entries));
    }
    return messages;
  }

  /**
   * The server tells which chunks it lacks, for the first time or anew.
   *
   * @throws io.modelcontrol.McpException INVALID_ARGUMENT if these are not the runs of this list
   */
  void onLacking(ByteBuf runs) {
    lacking = ChunkRuns.read(runs, chunks.size());
  }

  /** Whether the server has not told yet. */
  boolean isAwaited() {
    return lacking == null;
  }

  /** The first byte from an offset on that the server lacks; the content's end if there is none. */
  long next(long offset) {
    if (offset >= chunks.contentBytes()) {
      return offset;
    }
    int chunk = chunks.chunkAt(offset);
    int lacks = lacking.nextSetBit(chunk);
    return lacks < 0 ? chunks.contentBytes() : Math.max(offset, chunks.offset(lacks));
  }

  /** How many bytes the server lacks from an offset on that it lacks, at most so many. */
  int run(long offset, int most) {
    int there = lacking.nextClearBit(chunks.chunkAt(offset));
    long end = chunks.offset(Math.min(there, chunks.size()));
    return (int) Math.min(most, end - offset);
  }
}
