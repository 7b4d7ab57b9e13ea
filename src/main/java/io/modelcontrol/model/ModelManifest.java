package io.modelcontrol.model;

import io.modelcontrol.Digest;
import io.modelcontrol.McpException;
import io.modelcontrol.ModelId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What this node serves, kept over restarts: the versions in the order in which they were loaded,
 * and those that updates have replaced. The active version of a name is the one loaded last.
 *
 * <p>A change is on the disk when the method that made it returns. If the method throws, this
 * object is as it was, and the file is whole: the old one or, where only the last fsync failed, the
 * new one. Safe for use by several threads. All methods that change something block: worker threads
 * only.
 */
public final class ModelManifest {
  /**
   * One version that is served.
   *
   * @param id name and version
   * @param digest what its content hashes to
   * @param runtime the runtime that executes it
   * @param parameters as given when it was loaded
   * @param trusted whether it was loaded by somebody who is trusted with the node
   * @param retired whether an update has replaced it: it is not served, and can be rolled back to
   */
  public record Entry(
      ModelId id,
      Digest digest,
      String runtime,
      Map<String, String> parameters,
      boolean trusted,
      boolean retired) {
    /** A version that is served. */
    public Entry(
        ModelId id,
        Digest digest,
        String runtime,
        Map<String, String> parameters,
        boolean trusted) {
      this(id, digest, runtime, parameters, trusted, false);
    }

    /** The same version, served or not. */
    public Entry withRetired(boolean newRetired) {
      return new Entry(id, digest, runtime, parameters, trusted, newRetired);
    }

    public Entry {
      Objects.requireNonNull(id, "id");
      Objects.requireNonNull(digest, "digest");
      Objects.requireNonNull(runtime, "runtime");
      parameters = Collections.unmodifiableMap(new TreeMap<>(parameters));
    }
  }

  /** Far above what a node serves; a larger file is not ours. */
  private static final long MAX_FILE_BYTES = 64L << 20;

  private final Path file;
  private final StoreFiles files;
  private List<Entry> entries;

  private ModelManifest(Path file, StoreFiles files, List<Entry> entries) {
    this.file = file;
    this.files = files;
    this.entries = entries;
  }

  /**
   * Reads the file {@code manifest} in a directory, such as that of the {@link ModelStore}; where
   * it does not exist yet, the manifest is empty.
   *
   * @throws McpException RUNTIME_FAILURE if the file cannot be read or is damaged: it is never
   *     taken for empty, because that would unload everything without a word
   */
  public static ModelManifest open(Path directory) {
    return open(directory, new StoreFiles());
  }

  static ModelManifest open(Path directory, StoreFiles files) {
    Path file = directory.resolve("manifest");
    try {
      Files.createDirectories(directory);
      if (Files.notExists(file)) {
        return new ModelManifest(file, files, List.of());
      }
      if (Files.size(file) > MAX_FILE_BYTES) {
        throw ManifestFormat.damaged("it has more than " + MAX_FILE_BYTES + " bytes");
      }
      return new ModelManifest(file, files, ManifestFormat.parse(Files.readAllBytes(file)));
    } catch (IOException e) {
      throw StoreFiles.failure("the manifest of models cannot be read", e);
    }
  }

  /** All versions that are served, the one loaded last at the end. */
  public synchronized List<Entry> entries() {
    return entries.stream().filter(entry -> !entry.retired()).toList();
  }

  /** The versions of a name that can be rolled back to, the one replaced last at the end. */
  public synchronized List<Entry> retired(String name) {
    return entries.stream()
        .filter(entry -> entry.retired() && entry.id().name().equals(name))
        .toList();
  }

  /** Whether a version, served or not, has this content. */
  public synchronized boolean uses(Digest digest) {
    return entries.stream().anyMatch(entry -> entry.digest().equals(digest));
  }

  /** The version of a name that was loaded last. */
  public synchronized Optional<Entry> active(String name) {
    return entries().stream()
        .filter(entry -> entry.id().name().equals(name))
        .reduce((earlier, later) -> later);
  }

  /**
   * Adds a version, or replaces it; either way it is the one loaded last now.
   *
   * @throws McpException RESOURCE_EXHAUSTED or RUNTIME_FAILURE if the disk refuses
   */
  public synchronized void put(Entry entry) {
    List<Entry> changed = without(entry.id());
    changed.add(entry);
    save(changed);
  }

  /**
   * Replaces a version by another one, in one step: the first is retired, the second the one loaded
   * last.
   *
   * @param replaced may be missing
   * @param keep retired versions of the name that stay; older ones are forgotten
   * @return contents that no version has any more
   * @throws McpException RESOURCE_EXHAUSTED or RUNTIME_FAILURE if the disk refuses
   */
  public synchronized List<Digest> replace(ModelId replaced, Entry entry, int keep) {
    List<Entry> changed = without(entry.id());
    for (Entry old : entries) {
      if (old.id().equals(replaced) && changed.remove(old)) {
        changed.add(old.withRetired(true));
      }
    }
    changed.add(entry.withRetired(false));
    List<Entry> forgotten =
        changed.stream()
            .filter(old -> old.retired() && old.id().name().equals(entry.id().name()))
            .toList();
    forgotten = forgotten.subList(0, Math.max(0, forgotten.size() - keep));
    changed.removeAll(forgotten);
    save(changed);
    return forgotten.stream().map(Entry::digest).filter(digest -> !uses(digest)).toList();
  }

  /**
   * Removes a version; nothing happens if it is not there.
   *
   * @throws McpException RESOURCE_EXHAUSTED or RUNTIME_FAILURE if the disk refuses
   */
  public synchronized void remove(ModelId id) {
    List<Entry> changed = without(id);
    if (changed.size() != entries.size()) {
      save(changed);
    }
  }

  private List<Entry> without(ModelId id) {
    List<Entry> rest = new ArrayList<>(entries);
    rest.removeIf(entry -> entry.id().equals(id));
    return rest;
  }

  private void save(List<Entry> changed) {
    String text = ManifestFormat.format(changed);
    try {
      files.replace(file, text.getBytes(StandardCharsets.US_ASCII));
    } catch (IOException e) {
      throw StoreFiles.failure("the manifest of models cannot be written", e);
    }
    entries = List.copyOf(changed);
  }
}
