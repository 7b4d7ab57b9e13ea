package io.modelcontrol.runtime;

import io.modelcontrol.Digest;
import io.modelcontrol.McpException;
import io.modelcontrol.model.ModelStore;
import io.modelcontrol.wire.ChunkList;
import io.modelcontrol.wire.ContentChunker;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * The chunk lists of contents in the store: computed when they are asked for first, and kept in the
 * store beside them. What is kept is never trusted with bytes: whoever copies a chunk compares it.
 * Blocks; on a worker.
 */
final class ChunkIndex {
  private static final int READ_BYTES = 256 * 1024;

  private final ModelStore store;

  ChunkIndex(ModelStore store) {
    this.store = store;
  }

  /**
   * The chunks of a content.
   *
   * @return nothing where the store does not have it, it cannot be read, or has too many chunks
   */
  Optional<ChunkList> of(Digest content) {
    try {
      Path blob = store.path(content);
      Path kept = store.chunkFile(content);
      Optional<ChunkList> known = read(kept, Files.size(blob));
      if (known.isPresent()) {
        return known;
      }
      ChunkList computed = compute(blob);
      keep(computed, kept);
      return Optional.of(computed);
    } catch (IOException | McpException e) {
      return Optional.empty();
    }
  }

  /** The content turned out to be damaged, or its list to be wrong: forget the list. */
  void drop(Digest content) {
    try {
      Files.deleteIfExists(store.chunkFile(content));
    } catch (IOException e) {
      // It is compared again whenever it is used.
      return;
    }
  }

  private static Optional<ChunkList> read(Path kept, long contentBytes) throws IOException {
    try {
      long most = (contentBytes / ContentChunker.MIN_BYTES + 1) * ChunkList.MAX_ENTRY_BYTES;
      if (Files.size(kept) > most) {
        return Optional.empty();
      }
      ChunkList.Builder list = new ChunkList.Builder();
      boolean whole = list.read(Unpooled.wrappedBuffer(Files.readAllBytes(kept)), contentBytes);
      return whole ? Optional.of(list.build()) : Optional.empty();
    } catch (NoSuchFileException | McpException e) {
      return Optional.empty();
    }
  }

  private static ChunkList compute(Path blob) throws IOException {
    ContentChunker chunker = new ContentChunker();
    ByteBuffer buffer = ByteBuffer.allocate(READ_BYTES);
    try (FileChannel channel = FileChannel.open(blob, StandardOpenOption.READ)) {
      while (channel.read(buffer) >= 0) {
        chunker.add(buffer.flip());
        buffer.clear();
      }
    }
    return chunker.finish();
  }

  /** A half-written file is no whole list, and computed again. */
  private static void keep(ChunkList chunks, Path file) {
    ByteBuf bytes = Unpooled.buffer();
    chunks.write(0, chunks.size(), bytes);
    try {
      Files.write(file, ByteBufUtil.getBytes(bytes));
    } catch (IOException e) {
      // Computed again the next time.
      return;
    }
  }
}
