package io.modelcontrol.model;

import io.modelcontrol.Digest;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * A content on its way into the {@link ModelStore}. It ends by {@link #commit}, by {@link #abort}, or
 * by the first error, which removes all of it. Blocks: worker threads only. {@link #abort} may come
 * from another thread at any time.
 */
public final class Upload implements AutoCloseable {
  private final ModelStore store;
  private final StoreFiles files;
  private final Path file;
  private final FileChannel channel;
  private final Digest expected;
  private final long size;
  private final MessageDigest hash = sha256();
  private long offset;
  private boolean ended;

  Upload(
      ModelStore store,
      StoreFiles files,
      Path file,
      FileChannel channel,
      Digest expected,
      long size) {
    this.store = store;
    this.files = files;
    this.file = file;
    this.channel = channel;
    this.expected = expected;
    this.size = size;
  }

  /** Bytes that arrived so far: the content offset that comes next. */
  public synchronized long offset() {
    return offset;
  }

  /** Bytes that were announced. */
  public long size() {
    return size;
  }

  /**
   * Appends the remaining bytes of a buffer and hashes them.
   *
   * @throws McpException MODEL_DIGEST_MISMATCH if there are more than were announced;
   *     RESOURCE_EXHAUSTED or RUNTIME_FAILURE if the disk refuses; REQUEST_CANCELED if the upload has
   *     ended before
   */
  public synchronized void write(ByteBuffer content) {
    checkOpen();
    long length = content.remaining();
    if (length > size - offset) {
      abort();
      throw McpException.streamError(
          ErrorCode.MODEL_DIGEST_MISMATCH,
          "the content exceeds the " + size + " bytes that were announced");
    }
    hash.update(content.duplicate());
    try {
      files.write(channel, content);
    } catch (IOException e) {
      abort();
      throw StoreFiles.failure("the content of the model cannot be written", e);
    }
    offset += length;
  }

  /**
   * Ends the upload: when this returns, the content is whole, compared and durable.
   *
   * @return the file with the content
   * @throws McpException MODEL_DIGEST_MISMATCH if size or digest are not what was announced;
   *     RESOURCE_EXHAUSTED or RUNTIME_FAILURE if the disk refuses; REQUEST_CANCELED if the upload has
   *     ended before
   */
  public synchronized Path commit() {
    checkOpen();
    try {
      checkContent();
      files.force(channel);
      channel.close();
      Path content = store.accept(file, expected, size);
      ended = true;
      store.forget(this, size);
      return content;
    } catch (IOException e) {
      abort();
      throw StoreFiles.failure("the content of the model cannot be stored", e);
    }
  }

  /**
   * Removes what arrived; does nothing after the end of the upload. What the disk refuses to remove
   * stays until the store is opened again.
   */
  public synchronized void abort() {
    if (ended) {
      return;
    }
    ended = true;
    files.discard(channel, file);
    store.forget(this, size);
  }

  /** As {@link #abort}. */
  @Override
  public void close() {
    abort();
  }

  private void checkOpen() {
    if (ended) {
      throw McpException.streamError(ErrorCode.REQUEST_CANCELED, "the upload has ended");
    }
  }

  private void checkContent() {
    if (offset != size) {
      abort();
      throw McpException.streamError(
          ErrorCode.MODEL_DIGEST_MISMATCH,
          "the content has " + offset + " bytes, " + size + " were announced");
    }
    Digest actual = Digest.of(hash.digest());
    if (!actual.equals(expected)) {
      abort();
      throw McpException.streamError(
          ErrorCode.MODEL_DIGEST_MISMATCH,
          "the content has the digest " + actual + ", announced was " + expected);
    }
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
