package io.modelcontrol.model;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/**
 * The room that uploads have: the quota, the disk, and what gives way. An upload sets its whole
 * size aside, so that several cannot exceed the quota together. Guarded by the store.
 */
final class StoreRoom {
  private final Path directory;
  private final long maxBytes;
  private final StoreFiles files;
  private final PartialUploads parts;

  /** The contents whose part some upload writes. */
  private final Set<PartialUploads.Key> taken = new HashSet<>();

  private long announcedBytes;

  /**
   * The room of a store.
   *
   * @param directory where uploads are written
   * @param maxBytes what contents and uploads together may take
   */
  StoreRoom(Path directory, long maxBytes, StoreFiles files, PartialUploads parts) {
    this.directory = directory;
    this.maxBytes = maxBytes;
    this.files = files;
    this.parts = parts;
  }

  /**
   * Sets room aside; unfinished uploads give way, the oldest first.
   *
   * @param storedBytes that complete contents take
   * @return whether this upload has the content's part for itself, to go on with it
   * @throws McpException RESOURCE_EXHAUSTED if quota or disk are too small; RUNTIME_FAILURE if the
   *     disk does not answer
   */
  boolean announce(PartialUploads.Key key, long storedBytes) {
    long quota = maxBytes - storedBytes - announcedBytes;
    if (key.size() > quota) {
      throw noRoom(key.size(), "store", quota);
    }
    boolean isOnly = !taken.contains(key);
    long missing = key.size() - (isOnly ? parts.bytes(key) : 0);
    makeRoomOnDisk(key, missing);
    while (key.size() > quota - parts.bytesBeside(key) && parts.removeOldestBeside(key)) {
      // One after the other, until it fits: without any of them it does.
    }
    parts.forget(key);
    announcedBytes += key.size();
    if (isOnly) {
      taken.add(key);
    }
    return isOnly;
  }

  private void makeRoomOnDisk(PartialUploads.Key key, long missing) {
    try {
      long usable = files.usableBytes(directory);
      if (missing > usable + parts.bytesBeside(key)) {
        throw noRoom(missing, "disk", usable);
      }
      while (missing > usable && parts.removeOldestBeside(key)) {
        usable = files.usableBytes(directory);
      }
      if (missing > usable) {
        throw noRoom(missing, "disk", usable);
      }
    } catch (IOException e) {
      throw StoreFiles.failure("the upload cannot be started", e);
    }
  }

  /** The upload has ended. */
  void unannounce(PartialUploads.Key key, boolean isOnly) {
    announcedBytes -= key.size();
    if (isOnly) {
      taken.remove(key);
    }
  }

  private static McpException noRoom(long bytes, String where, long left) {
    return McpException.streamError(
        ErrorCode.RESOURCE_EXHAUSTED,
        "the content has " + bytes + " bytes, the " + where + " has room for " + Math.max(0, left));
  }
}
