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
 * digest, forced to the disk, and renamed to its name in one step. An upload that is suspended, or
 * that a crash cuts off, leaves its part in {@code uploads/}, and the next {@link #begin} of that
 * content goes on with it, whenever that is; after a commit the content is whole.
 *
 * <p>One process at a time: a lock file says so. Safe for use by several threads. All methods
 * block: worker threads only.
 */
public final class ModelStore implements AutoCloseable {
  /**
   * A content on its way into the store. It ends by {@link #commit}, by {@link #suspend}, which
   * keeps what has arrived, by {@link #abort}, or by the first error, which remove all of it. All
   * methods but {@link #offset} and {@link #size} block: worker threads only. Any of them may come
   * from another thread than the one before.
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

    /**
     * Keeps what arrived, so that an upload of the same content goes on from there; does nothing
     * after the end of the upload.
     */
    void suspend();

    /** As {@link #suspend}. */
    @Override
    default void close() {
      suspend();
    }
  }

  private static final Pattern BLOB_NAME = Pattern.compile("[0-9a-f]{64}");
  private final Path blobDirectory;
  private final Path uploadDirectory;
  private final StoreFiles files;
  private final FileChannel lockChannel;

  /** Sizes of what is complete and durable. Guarded by this, as are the fields below. */
  private final Map<Digest, Long> blobs = new HashMap<>();

  private final Set<StoredUpload> uploads = new HashSet<>();
  private final PartialUploads parts;
  private final StoreRoom room;
  private long storedBytes;
  private boolean closed;

  private ModelStore(Path root, long maxBytes, StoreFiles files, FileChannel lockChannel) {
    this.blobDirectory = root.resolve("blobs");
    this.uploadDirectory = root.resolve("uploads");
    this.files = files;
    this.lockChannel = lockChannel;
    this.parts = new PartialUploads(uploadDirectory, files);
    this.room = new StoreRoom(uploadDirectory, maxBytes, files, parts);
  }

  /**
   * Opens the store in a directory, which is created where it is missing, and finds the uploads
   * that were not finished.
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
      store.parts.find();
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

  /** Bytes of uploads that were not finished, and that nobody goes on with at the moment. */
  public synchronized long partialBytes() {
    return parts.bytes();
  }

  /** The digests of contents that have arrived by a part, and that nobody brings at the moment. */
  public synchronized List<Digest> partialDigests() {
    return parts.digests();
  }

  /**
   * Removes the unfinished uploads that nobody has brought further for so long.
   *
   * @param nowMs the wall clock, which is what files remember
   * @return how many
   */
  public synchronized int removeStaleUploads(long maxAgeMs, long nowMs) {
    return parts.removeBefore(nowMs - maxAgeMs);
  }

  /**
   * Begins an upload, or goes on with one that was not finished: then its {@link Upload#offset} is
   * not 0. The announced size is set aside until the upload ends, so that uploads which run at once
   * cannot exceed the quota together. Unfinished uploads count too, but where room is needed the
   * oldest of them give way. Of several uploads of one content at a time, one is gone on with.
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
    PartialUploads.Key key = new PartialUploads.Key(expected, size);
    boolean resumable = announced(key);
    Path file = resumable ? parts.file(key) : uploadDirectory.resolve(UUID.randomUUID() + ".part");
    FileChannel channel = null;
    StoredUpload upload = null;
    try {
      channel = files.createOrOpen(file);
      upload = new StoredUpload(this, files, file, channel, key, resumable);
      upload.takeUp();
      register(upload);
      return upload;
    } catch (IOException e) {
      if (channel == null) {
        giveUp(key, resumable);
      } else {
        upload.abort();
      }
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
      Files.deleteIfExists(chunkFile(digest));
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
      MessageDigest hash = Digest.hash();
      StoredUpload.hash(channel, hash);
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

  /** Suspends the uploads that are under way and lets go of the directory. */
  @Override
  public void close() {
    List<Upload> open;
    synchronized (this) {
      closed = true;
      open = List.copyOf(uploads);
    }
    open.forEach(Upload::suspend);
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

  /** The upload ended; what it leaves is to be gone on with or not. */
  synchronized void forget(StoredUpload upload, PartialUploads.Key key, boolean suspended) {
    uploads.remove(upload);
    room.unannounce(key, upload.isResumable());
    if (suspended) {
      parts.keep(key);
    }
  }

  private synchronized boolean announced(PartialUploads.Key key) {
    if (closed) {
      throw storeClosed();
    }
    return room.announce(key, storedBytes);
  }

  private synchronized void giveUp(PartialUploads.Key key, boolean resumable) {
    room.unannounce(key, resumable);
    if (resumable) {
      parts.keep(key);
    }
  }

  private void register(StoredUpload upload) {
    synchronized (this) {
      uploads.add(upload);
      if (!closed) {
        return;
      }
    }
    upload.suspend();
    throw storeClosed();
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

  /** Where the chunk list of a content is kept, by whoever computes it; removed with it. */
  public Path chunkFile(Digest digest) {
    return blobDirectory.resolve(digest.hex() + ".chunks");
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
