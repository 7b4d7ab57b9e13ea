package io.modelcontrol.model;

import io.modelcontrol.Digest;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Contents of which a part has arrived, and which nobody brings further at the moment: {@code
 * uploads/<SHA-256>.<size>.part}. The name tells all that is needed to go on; how much has arrived
 * is what the file holds, so that nothing is counted which is not on the disk. Guarded by the
 * store.
 */
final class PartialUploads {
  /** What a partial content is to become. */
  record Key(Digest digest, long size) {
    private String fileName() {
      return digest.hex() + "." + size + SUFFIX;
    }
  }

  private record Part(long bytes, long modifiedMs) {}

  static final String SUFFIX = ".part";

  /** Beyond it the oldest goes: files of a few bytes must not become millions. */
  static final int MAX_PARTS = 1_000;

  private static final Pattern NAME = Pattern.compile("([0-9a-f]{64})\\.([1-9][0-9]{0,17})\\.part");

  private final Path directory;
  private final StoreFiles files;
  private final Map<Key, Part> parts = new HashMap<>();
  private long bytes;

  PartialUploads(Path directory, StoreFiles files) {
    this.directory = directory;
    this.files = files;
  }

  /** Finds what can be gone on with, and removes what else a crash has left. */
  void find() throws IOException {
    try (DirectoryStream<Path> found = Files.newDirectoryStream(directory, "*" + SUFFIX)) {
      for (Path file : found) {
        Key key = key(file);
        if (key == null) {
          Files.deleteIfExists(file);
        } else {
          put(key);
        }
      }
    }
  }

  /** What a file is a part of; null if nobody can go on with it. */
  private static Key key(Path file) throws IOException {
    Matcher name = NAME.matcher(file.getFileName().toString());
    if (!name.matches() || !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      return null;
    }
    long size = Long.parseLong(name.group(2));
    long arrived = Files.size(file);
    return arrived == 0 || arrived > size ? null : new Key(Digest.ofHex(name.group(1)), size);
  }

  Path file(Key key) {
    return directory.resolve(key.fileName());
  }

  /** Keeps what a file holds that nobody writes any more, if that can be told. */
  void keep(Key key) {
    try {
      put(key);
    } catch (IOException e) {
      files.discard(file(key));
    }
  }

  private void put(Key key) throws IOException {
    Path file = file(key);
    Part part = new Part(Files.size(file), Files.getLastModifiedTime(file).toMillis());
    forget(key);
    parts.put(key, part);
    bytes += part.bytes;
    while (parts.size() > MAX_PARTS) {
      removeOldestBeside(key);
    }
  }

  /** Somebody goes on with it: its bytes are counted by the upload from here on. */
  void forget(Key key) {
    Part part = parts.remove(key);
    if (part != null) {
      bytes -= part.bytes;
    }
  }

  /** Bytes that have arrived of a content; 0 if nothing of it is here. */
  long bytes(Key key) {
    Part part = parts.get(key);
    return part == null ? 0 : part.bytes;
  }

  /** Bytes that all parts take. */
  long bytes() {
    return bytes;
  }

  List<Digest> digests() {
    return parts.keySet().stream().map(Key::digest).distinct().toList();
  }

  /** Bytes that the parts of other contents take. */
  long bytesBeside(Key key) {
    return bytes - bytes(key);
  }

  /** Removes the part that has waited longest, but not this one; false if there is none. */
  boolean removeOldestBeside(Key key) {
    Optional<Key> oldest =
        parts.entrySet().stream()
            .filter(part -> !part.getKey().equals(key))
            .min(Comparator.comparingLong(part -> part.getValue().modifiedMs))
            .map(Map.Entry::getKey);
    oldest.ifPresent(this::remove);
    return oldest.isPresent();
  }

  /** Removes parts that nobody has brought further since this moment; tells how many. */
  int removeBefore(long epochMs) {
    List<Key> stale =
        parts.entrySet().stream()
            .filter(part -> part.getValue().modifiedMs < epochMs)
            .map(Map.Entry::getKey)
            .toList();
    stale.forEach(this::remove);
    return stale.size();
  }

  private void remove(Key key) {
    files.discard(file(key));
    forget(key);
  }
}
