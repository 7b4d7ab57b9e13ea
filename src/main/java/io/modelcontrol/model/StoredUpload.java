package io.modelcontrol.model;

import io.modelcontrol.Digest;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.security.MessageDigest;

/** An upload into a file beside the contents; each step is atomic against the others. */
final class StoredUpload implements ModelStore.Upload {
  private static final int READ_BYTES = 256 * 1024;

  private final ModelStore store;
  private final StoreFiles files;
  private final Path file;
  private final FileChannel channel;
  private final PartialUploads.Key key;
  private final boolean resumable;
  private final MessageDigest hash = Digest.hash();
  private volatile long offset;
  private boolean ended;

  /**
   * An upload.
   *
   * @param channel open for reading and writing
   * @param resumable whether the file has the name by which it is found again
   */
  StoredUpload(
      ModelStore store,
      StoreFiles files,
      Path file,
      FileChannel channel,
      PartialUploads.Key key,
      boolean resumable) {
    this.store = store;
    this.files = files;
    this.file = file;
    this.channel = channel;
    this.key = key;
    this.resumable = resumable;
  }

  /** Goes on with what the file holds: hashes it anew, for a hash in the middle has no form. */
  synchronized void takeUp() throws IOException {
    if (channel.size() > key.size()) {
      channel.truncate(0);
    }
    hash(channel, hash);
    offset = channel.position();
  }

  /** Adds all bytes from the channel's position to a hash. */
  static void hash(FileChannel channel, MessageDigest hash) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(READ_BYTES);
    while (channel.read(buffer) >= 0) {
      hash.update(buffer.flip());
      buffer.clear();
    }
  }

  @Override
  public long offset() {
    return offset;
  }

  @Override
  public long size() {
    return key.size();
  }

  @Override
  public synchronized void write(ByteBuffer content) {
    checkOpen();
    long length = content.remaining();
    if (length > key.size() - offset) {
      abort();
      throw McpException.streamError(
          ErrorCode.MODEL_DIGEST_MISMATCH,
          "the content exceeds the " + key.size() + " bytes that were announced");
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

  @Override
  public synchronized Path commit() {
    checkOpen();
    try {
      checkContent();
      files.force(channel);
      channel.close();
      Path content = store.accept(file, key.digest(), key.size());
      ended = true;
      store.forget(this, key, false);
      return content;
    } catch (IOException e) {
      abort();
      throw StoreFiles.failure("the content of the model cannot be stored", e);
    }
  }

  @Override
  public synchronized void abort() {
    if (ended) {
      return;
    }
    ended = true;
    files.discard(channel, file);
    store.forget(this, key, false);
  }

  @Override
  public synchronized void suspend() {
    if (ended) {
      return;
    }
    if (!resumable || offset == 0 || !files.closeQuietly(channel)) {
      abort();
      return;
    }
    ended = true;
    store.forget(this, key, true);
  }

  boolean isResumable() {
    return resumable;
  }

  private void checkOpen() {
    if (ended) {
      throw McpException.streamError(ErrorCode.REQUEST_CANCELED, "the upload has ended");
    }
  }

  private void checkContent() {
    if (offset != key.size()) {
      abort();
      throw McpException.streamError(
          ErrorCode.MODEL_DIGEST_MISMATCH,
          "the content has " + offset + " bytes, " + key.size() + " were announced");
    }
    Digest actual = Digest.of(hash.digest());
    if (!actual.equals(key.digest())) {
      abort();
      throw McpException.streamError(
          ErrorCode.MODEL_DIGEST_MISMATCH,
          "the content has the digest " + actual + ", announced was " + key.digest());
    }
  }
}
