package io.modelcontrol.model;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Locale;
import java.util.Set;

/**
 * What the store and the manifest ask of the file system, in one place: tests replace single steps
 * to see what a full disk or a failed fsync leaves behind.
 */
class StoreFiles {
  private static final boolean POSIX =
      Path.of("").getFileSystem().supportedFileAttributeViews().contains("posix");

  private static final FileAttribute<?>[] OWNER_ONLY =
      POSIX
          ? new FileAttribute<?>[] {
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
          }
          : new FileAttribute<?>[0];

  /** A new file that nobody else may read. */
  FileChannel create(Path file) throws IOException {
    return FileChannel.open(
        file, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), OWNER_ONLY);
  }

  /** A file that nobody else may read, with what it holds already. */
  FileChannel createOrOpen(Path file) throws IOException {
    return FileChannel.open(
        file,
        Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE),
        OWNER_ONLY);
  }

  /**
   * Takes the lock that says whose directory this is; closing the channel gives it back.
   *
   * @throws McpException UPDATE_CONFLICT if somebody else has it
   */
  FileChannel lock(Path file) throws IOException {
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    FileLock lock;
    try {
      lock = channel.tryLock();
    } catch (OverlappingFileLockException e) {
      // Somebody else within this process.
      lock = null;
    }
    if (lock == null) {
      channel.close();
      throw McpException.streamError(
          ErrorCode.UPDATE_CONFLICT,
          "the model store is in use: each node needs a directory of its own");
    }
    return channel;
  }

  /** Writes all that remains. */
  void write(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  void force(FileChannel channel) throws IOException {
    channel.force(true);
  }

  /** Replaces what stands at the target, in one step. */
  void move(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
  }

  /**
   * Replaces a file in one step: after a crash it is whole, the old one or the new one. When this
   * returns, the new one is on the disk.
   */
  void replace(Path file, byte[] bytes) throws IOException {
    Path directory = file.getParent();
    Path temporary = directory.resolve(file.getFileName() + ".part");
    try {
      Files.deleteIfExists(temporary);
      try (FileChannel channel = create(temporary)) {
        write(channel, ByteBuffer.wrap(bytes));
        force(channel);
      }
      move(temporary, file);
      forceDirectory(directory);
    } catch (IOException e) {
      discard(temporary);
      throw e;
    }
  }

  /** Makes a rename durable. Where directories cannot be opened, the file system does it alone. */
  void forceDirectory(Path directory) throws IOException {
    if (POSIX) {
      try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  }

  /**
   * Removes an unfinished file as far as the disk allows.
   *
   * @return whether it is gone
   */
  boolean discard(FileChannel channel, Path file) {
    boolean closed = closeQuietly(channel);
    return discard(file) && closed;
  }

  /** Closes a file whose content is given up anyway. */
  boolean closeQuietly(FileChannel channel) {
    try {
      channel.close();
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** As {@link #discard(FileChannel, Path)} for a file that is not open. */
  boolean discard(Path file) {
    try {
      Files.deleteIfExists(file);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** Bytes that may still be written to the disk. */
  long usableBytes(Path directory) throws IOException {
    FileStore store = Files.getFileStore(directory);
    return store.getUsableSpace();
  }

  /**
   * The typed error of a failed step. The system's text stays in the cause: it names paths.
   *
   * @param what the step that failed, such as "the content of the model cannot be written"
   */
  static McpException failure(String what, IOException cause) {
    return isNoSpace(cause)
        ? McpException.streamError(
            ErrorCode.RESOURCE_EXHAUSTED, what + ": no space is left on the disk", cause)
        : McpException.streamError(ErrorCode.RUNTIME_FAILURE, what, cause);
  }

  private static boolean isNoSpace(IOException cause) {
    String text = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
    return text.contains("no space left")
        || text.contains("disk quota exceeded")
        || text.contains("not enough space");
  }
}
