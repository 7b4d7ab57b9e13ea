package io.modelcontrol.runtime;

import io.modelcontrol.Digest;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.model.ModelStore;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageType;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;

/** A piece of a content of the store, as one host sends it to another. */
final class ContentPiece {
  private static final int MAX_BYTES = 256 * 1024;

  private ContentPiece() {}

  /**
   * Reads a piece. Blocks.
   *
   * @return a MODEL_UPDATE with the piece and its SHA-256
   * @throws McpException MODEL_NOT_FOUND if the store does not have the content, INVALID_ARGUMENT
   *     if it has no byte at this offset, RUNTIME_FAILURE if it cannot be read
   */
  static Message read(ModelStore store, Digest digest, long offset) {
    try (FileChannel channel = FileChannel.open(store.path(digest), StandardOpenOption.READ)) {
      long left = channel.size() - offset;
      if (offset < 0 || left <= 0) {
        throw McpException.streamError(
            ErrorCode.INVALID_ARGUMENT, "the content has no byte at offset " + offset);
      }
      ByteBuffer piece = ByteBuffer.allocate((int) Math.min(MAX_BYTES, left));
      while (piece.hasRemaining()) {
        if (channel.read(piece, offset + piece.position()) < 0) {
          throw new IOException("the file became shorter");
        }
      }
      piece.flip();
      return Message.of(MessageType.MODEL_UPDATE)
          .contentOffset(offset)
          .digest(Digest.sha256(piece.duplicate()))
          .content(Unpooled.wrappedBuffer(piece));
    } catch (IOException e) {
      throw McpException.streamError(
          ErrorCode.RUNTIME_FAILURE, "the content of the model cannot be read", e);
    }
  }
}
