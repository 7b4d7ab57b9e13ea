package io.modelcontrol.model;

import io.modelcontrol.Digest;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * The content of models on this node's disk, each under its SHA-256: {@code blobs/} holds what is
 * complete, {@code uploads/} what is arriving. Nothing that a peer sends becomes part of a path but
 * the digest's hexadecimal digits.
 *
 * <p>A content is in the store once {@link Upload#commit} returned: written, compared with its
 * digest, forced to the disk, and renamed to its name in one step. A crash before that leaves a
 * file in {@code uploads/}, which the next {@link #open} removes; after it the content is whole.
 *
 * <p>One process at a time: a lock file says so. Safe for use by several threads. All methods
 * block: worker threads only.
 */
public final class ModelStore implements AutoCloseable {
  /**
   * A content on its way into the store. It ends by {@link #commit}, by {@link #abort}, or by the
   * first error, which removes all of it. All methods but {@link #offset} and {@link #size} block:
   * worker threads only. Any of them may come from another thread than the one before.
   */
  public interface Upload extends AutoCloseable {
    /** Bytes that arrived so far: the content offset that comes next. */
    long offset();

    /** Bytes that were announced. */
    long size();

    /**
     * Appends the remaining bytes of a buffer and hashes them.
     *
     * @throws McpException MODEL_DIGEST_MISMATCH if there are more than were announced;
     *     RESOURCE_EXHAUSTED or RUNTIME_FAILURE if the disk refuses; REQUEST_CANCELED if the upload
     *     has ended before
     */
    void write(ByteBuffer content);

    /**
     * Ends the upload: when this returns, the content is whole, compared and durable.
     *
     * @return the file with the content
     * @throws McpException MODEL_DIGEST_MISMATCH if size or digest are not what was announced;
     *     RESOURCE_EXHAUSTED or RUNTIME_FAILURE if the disk refuses; REQUEST_CANCELED if the upload
     *     has ended before
     */
    Path commit();

    /**
     * Removes what arrived; does nothing after the end of the upload. What the disk refuses to
     * remove stays until the store is opened again.
     */
    void abort();

    /** As {@link #abort}. */
    @Override
    default void close() {
      abort();
    }
  }

  private static final Pattern BLOB_NAME = Pattern.compile("[0-9a-f]{64}");
  private static final int READ_BYTES = 256 * 1024;

  private final Path blobDirectory;
  private final Path uploadDirectory;
  private final long maxBytes;
  private final StoreFiles files;
  private final FileChannel lockChannel;

  /** Sizes of what is complete and durable. Guarded by this, as are the fields below. */
  private final Map<Digest, Long> blobs = new HashMap<>();

  private final Set<Upload> uploads = new HashSet<>();
  private long storedBytes;
  private long announcedBytes;
  private boolean closed;

  private ModelStore(Path root, long maxBytes, StoreFiles files, FileChannel lockChannel) {
    this.blobDirectory = root.resolve("blobs");
    this.uploadDirectory = root.resolve("uploads");
    this.maxBytes = maxBytes;
    this.files = files;
    this.lockChannel = lockChannel;
  }

  /**
   * Opens the store in a directory, which is created where it is missing, and removes what a crash
   * left of unfinished uploads.
   *
   * @param maxBytes what all contents together may take on the disk
   * @throws McpException UPDATE_CONFLICT if another process, or this one, has the directory open;
   *     RUNTIME_FAILURE or RESOURCE_EXHAUSTED if it cannot be used
   */
  public static ModelStore open(Path root, long maxBytes) {
    return open(root, maxBytes, new StoreFiles());
  }

  static ModelStore open(Path root, long maxBytes, StoreFiles files) {
    if (maxBytes <= 0) {
      throw new IllegalArgumentException("maxBytes is " + maxBytes + ", must be positive");
    }
    FileChannel lockChannel = null;
    try {
      Files.createDirectories(root.resolve("blobs"));
      Files.createDirectories(root.resolve("uploads"));
      lockChannel = files.lock(root.resolve("lock"));
      ModelStore store = new ModelStore(root, maxBytes, files, lockChannel);
      store.removeLeftovers();
      store.findBlobs();
      return store;
    } catch (IOException e) {
      if (lockChannel != null) {
        files.closeQuietly(lockChannel);
      }
      throw StoreFiles.failure("the model store cannot be opened", e);
    }
  }

  /** Whether the content is complete in the store. */
  public synchronized boolean has(Digest digest) {
    return blobs.containsKey(digest);
  }

  /**
   * The file with the content; nobody may change it.
   *
   * @throws McpException MODEL_NOT_FOUND if the store does not have it
   */
  public synchronized Path path(Digest digest) {
    if (!blobs.containsKey(digest)) {
      throw McpException.streamError(
          ErrorCode.MODEL_NOT_FOUND, "the store has no content with the digest " + digest);
    }
    return blob(digest);
  }

  /** The digests of all contents, in no order. */
  public synchronized List<Digest> digests() {
    return List.copyOf(blobs.keySet());
  }

  /** Bytes that the complete contents take. */
  public synchronized long storedBytes() {
    return storedBytes;
  }

  /**
   * Begins an upload. The announced size is set aside until the upload ends, so that uploads which
   * run at once cannot exceed the quota together.
   *
   * @param expected what the content must hash to
   * @param size bytes of the content
   * @throws McpException INVALID_ARGUMENT if the size is not positive; RESOURCE_EXHAUSTED if quota
   *     or disk are too small for it; RUNTIME_FAILURE if no file can be created
   */
  public Upload begin(Digest expected, long size) {
    if (size <= 0) {
      throw McpException.streamError(
          ErrorCode.INVALID_ARGUMENT, "content size is " + size + ", must be at least 1");
    }
    announce(size);
    Path file = uploadDirectory.resolve(UUID.randomUUID() + ".part");
    try {
      StoredUpload upload = new StoredUpload(this, files, file, files.create(file), expected, size);
      register(upload);
      return upload;
    } catch (IOException e) {
      forget(null, size);
      throw StoreFiles.failure("the upload cannot be started", e);
    }
  }

  /**
   * Removes a content.
   *
   * @return whether it was there
   * @throws McpException RUNTIME_FAILURE if the disk refuses
   */
  public synchronized boolean delete(Digest digest) {
    if (!blobs.containsKey(digest)) {
      return false;
    }
    try {
      Files.deleteIfExists(blob(digest));
      storedBytes -= blobs.remove(digest);
      files.forceDirectory(blobDirectory);
      return true;
    } catch (IOException e) {
      throw StoreFiles.failure("the content of the model cannot be removed", e);
    }
  }

  /**
   * Reads a content again and compares it with its digest. Damaged content is removed: it can be
   * uploaded again, but never served.
   *
   * @throws McpException MODEL_NOT_FOUND if the store does not have it; MODEL_DIGEST_MISMATCH if it
   *     was damaged and is removed now; RUNTIME_FAILURE if it cannot be read
   */
  public void verify(Digest digest) {
    Path file = path(digest);
    Object fileKey;
    Digest actual;
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      fileKey = fileKey(file);
      MessageDigest hash = StoredUpload.sha256();
      ByteBuffer buffer = ByteBuffer.allocate(READ_BYTES);
      while (channel.read(buffer) >= 0) {
        hash.update(buffer.flip());
        buffer.clear();
      }
      actual = Digest.of(hash.digest());
    } catch (IOException e) {
      throw StoreFiles.failure("the content of the model cannot be read", e);
    }
    if (!actual.equals(digest)) {
      removeDamaged(digest, file, fileKey);
      throw McpException.streamError(
          ErrorCode.MODEL_DIGEST_MISMATCH,
          "the stored content was damaged and is removed: it has the digest "
              + actual
              + ", must have "
              + digest);
    }
  }

  /** Aborts the uploads that are under way and lets go of the directory. */
  @Override
  public void close() {
    List<Upload> open;
    synchronized (this) {
      closed = true;
      open = List.copyOf(uploads);
    }
    open.forEach(Upload::abort);
    try {
      lockChannel.close();
    } catch (IOException e) {
      throw StoreFiles.failure("the model store cannot be closed", e);
    }
  }

  /** Makes a complete upload a content. Uploads of the same content replace each other. */
  synchronized Path accept(Path upload, Digest digest, long size) throws IOException {
    Path blob = blob(digest);
    files.move(upload, blob);
    try {
      files.forceDirectory(blobDirectory);
    } catch (IOException e) {
      if (!blobs.containsKey(digest)) {
        files.discard(blob);
      }
      throw e;
    }
    if (blobs.put(digest, size) == null) {
      storedBytes += size;
    }
    return blob;
  }

  /** The upload ended, one way or the other. */
  synchronized void forget(Upload upload, long size) {
    uploads.remove(upload);
    announcedBytes -= size;
  }

  private void register(Upload upload) {
    synchronized (this) {
      uploads.add(upload);
      if (!closed) {
        return;
      }
    }
    upload.abort();
    throw storeClosed();
  }

  private synchronized void announce(long size) {
    if (closed) {
      throw storeClosed();
    }
    long left = maxBytes - storedBytes - announcedBytes;
    if (size > left) {
      throw McpException.streamError(
          ErrorCode.RESOURCE_EXHAUSTED,
          "the content has " + size + " bytes, the store has room for " + Math.max(0, left));
    }
    long usable;
    try {
      usable = files.usableBytes(uploadDirectory);
    } catch (IOException e) {
      throw StoreFiles.failure("the upload cannot be started", e);
    }
    if (size > usable) {
      throw McpException.streamError(
          ErrorCode.RESOURCE_EXHAUSTED,
          "the content has " + size + " bytes, the disk has room for " + usable);
    }
    announcedBytes += size;
  }

  /** Removes the file that was read, but not one that a newer upload has put in its place. */
  private synchronized void removeDamaged(Digest digest, Path file, Object fileKey) {
    try {
      if (Objects.equals(fileKey(file), fileKey)) {
        delete(digest);
      }
    } catch (IOException e) {
      throw StoreFiles.failure("the damaged content cannot be removed", e);
    }
  }

  private static Object fileKey(Path file) throws IOException {
    return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
  }

  private static McpException storeClosed() {
    return McpException.streamError(ErrorCode.SERVICE_UNAVAILABLE, "the model store is closed");
  }

  private Path blob(Digest digest) {
    return blobDirectory.resolve(digest.hex());
  }

  /** The lock is ours, so that no file here belongs to an upload that still runs. */
  private void removeLeftovers() throws IOException {
    try (DirectoryStream<Path> leftovers = Files.newDirectoryStream(uploadDirectory, "*.part")) {
      for (Path leftover : leftovers) {
        Files.deleteIfExists(leftover);
      }
    }
  }

  private void findBlobs() throws IOException {
    try (DirectoryStream<Path> found = Files.newDirectoryStream(blobDirectory)) {
      for (Path blob : found) {
        String name = blob.getFileName().toString();
        if (BLOB_NAME.matcher(name).matches()
            && Files.isRegularFile(blob, LinkOption.NOFOLLOW_LINKS)) {
          long size = Files.size(blob);
          blobs.put(Digest.ofHex(name), size);
          storedBytes += size;
        }
      }
    }
  }
}
