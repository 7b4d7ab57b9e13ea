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

/** An upload into a file beside the contents; each step is atomic against the others. */
final class StoredUpload implements ModelStore.Upload {
  private final ModelStore store;
  private final StoreFiles files;
  private final Path file;
  private final FileChannel channel;
  private final Digest expected;
  private final long size;
  private final MessageDigest hash = sha256();
  private volatile long offset;
  private boolean ended;

  StoredUpload(
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

  @Override
  public long offset() {
    return offset;
  }

  @Override
  public long size() {
    return size;
  }

  @Override
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

  @Override
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

  @Override
  public synchronized void abort() {
    if (ended) {
      return;
    }
    ended = true;
    files.discard(channel, file);
    store.forget(this, size);
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
