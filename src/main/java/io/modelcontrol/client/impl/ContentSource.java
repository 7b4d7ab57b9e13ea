package io.modelcontrol.client.impl;

import io.modelcontrol.Digest;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.client.ModelUpload;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;

/** A model's content, piece by piece: of a file or of memory. Blocks; on a worker thread. */
final class ContentSource implements Closeable {
  private static final int HASHED_AT_ONCE_BYTES = 256 * 1024;

  private final FileChannel file;
  private final ByteBuf memory;
  private final long size;
  private final Digest digest;

  private ContentSource(FileChannel file, ByteBuf memory, Digest known) throws IOException {
    this.file = file;
    this.memory = memory;
    this.size = file == null ? memory.readableBytes() : file.size();
    this.digest = known == null ? hash() : known;
  }

  /**
   * Opens the content, and computes its SHA-256 if nobody has.
   *
   * @throws McpException INVALID_ARGUMENT if the file cannot be read
   */
  static ContentSource open(ModelUpload upload) {
    if (upload.memory() != null) {
      try {
        return new ContentSource(null, upload.memory(), upload.digest());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    FileChannel file = null;
    try {
      file = FileChannel.open(upload.file(), StandardOpenOption.READ);
      return new ContentSource(file, null, upload.digest());
    } catch (IOException e) {
      closeQuietly(file, e);
      throw McpException.streamError(
          ErrorCode.INVALID_ARGUMENT, "the model's file cannot be read", e);
    }
  }

  private static void closeQuietly(FileChannel fileOrNull, IOException cause) {
    try {
      if (fileOrNull != null) {
        fileOrNull.close();
      }
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
  }

  long size() {
    return size;
  }

  Digest digest() {
    return digest;
  }

  /** The bytes at an offset, at most up to the end; the caller releases them. */
  ByteBuf read(long offset, int bytes) throws IOException {
    int length = (int) Math.min(bytes, size - offset);
    if (file == null) {
      return memory.retainedSlice(memory.readerIndex() + (int) offset, length);
    }
    ByteBuffer piece = ByteBuffer.allocate(length);
    while (piece.hasRemaining()) {
      if (file.read(piece, offset + piece.position()) < 0) {
        throw McpException.streamError(
            ErrorCode.INVALID_ARGUMENT, "the model's file became shorter while it was read");
      }
    }
    return Unpooled.wrappedBuffer(piece.flip());
  }

  private Digest hash() throws IOException {
    MessageDigest sha256 = Digest.hash();
    for (long offset = 0; offset < size; offset += HASHED_AT_ONCE_BYTES) {
      ByteBuf piece = read(offset, HASHED_AT_ONCE_BYTES);
      sha256.update(piece.nioBuffer());
      piece.release();
    }
    return Digest.of(sha256.digest());
  }

  /** The SHA-256 of a piece. */
  static Digest sha256(ByteBuf piece) {
    return Digest.sha256(piece.nioBuffer());
  }

  @Override
  public void close() throws IOException {
    if (file != null) {
      file.close();
    }
  }
}
