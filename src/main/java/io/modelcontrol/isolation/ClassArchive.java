package io.modelcontrol.isolation;

import io.modelcontrol.Digest;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The classes of models' processes, parsed and verified once, and then mapped by each process
 * (class data sharing, JEP 350): a process starts with half the work, and processes share that
 * memory. A file of the store, which stays over restarts, for one JVM and one class path; a JVM
 * looks for itself whether an archive is its own, and does without one that is not. Thread-safe.
 */
final class ClassArchive {
  private static final Logger LOG = LoggerFactory.getLogger(ClassArchive.class);
  private static final String PREFIX = "classes-";
  private static final String SUFFIX = ".jsa";
  private static final int KEY_CHARACTERS = 16;

  private final Path file;
  private final boolean possible;
  private final AtomicBoolean begun = new AtomicBoolean();

  /**
   * The archive for processes with this class path.
   *
   * @param store the directory that it is in
   * @param classPath absolute paths
   */
  ClassArchive(Path store, List<Path> classPath) {
    // A JVM archives classes from jars only.
    this.possible = classPath.stream().allMatch(Files::isRegularFile);
    this.file = store.resolve(PREFIX + key(classPath) + SUFFIX);
  }

  private static String key(List<Path> classPath) {
    String all =
        classPath.stream().map(ClassArchive::state).collect(Collectors.joining(File.pathSeparator))
            + System.getProperty("java.vm.version");
    return Digest.sha256(ByteBuffer.wrap(all.getBytes(StandardCharsets.UTF_8)))
        .hex()
        .substring(0, KEY_CHARACTERS);
  }

  private static String state(Path jar) {
    return jar + " " + jar.toFile().length() + " " + jar.toFile().lastModified();
  }

  /** What a JVM has to be told to use it; nothing if there is none yet. */
  List<String> use() {
    return Files.isRegularFile(file) ? List.of("-XX:SharedArchiveFile=" + file) : List.of();
  }

  /**
   * Has it made if there is none; once, at most. Blocks until it is there.
   *
   * @param maker runs a process to its end, with these words for its JVM; throws what it likes
   */
  void makeOnce(Consumer<List<String>> maker) {
    if (possible && !Files.exists(file) && begun.compareAndSet(false, true)) {
      make(maker);
    }
  }

  private void make(Consumer<List<String>> maker) {
    Path made = file.resolveSibling(file.getFileName() + ".part");
    try {
      Files.deleteIfExists(made);
      maker.accept(List.of("-XX:ArchiveClassesAtExit=" + made));
      deleteOthers();
      Files.move(made, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException | RuntimeException e) {
      LOG.warn("Processes of models start without an archive of their classes: {}", e.toString());
    }
  }

  /** Those of another JVM, or of another version of this project. */
  private void deleteOthers() throws IOException {
    List<Path> others;
    try (Stream<Path> files = Files.list(file.getParent())) {
      others =
          files
              .filter(each -> each.getFileName().toString().startsWith(PREFIX))
              .filter(each -> each.toString().endsWith(SUFFIX))
              .toList();
    }
    for (Path other : others) {
      Files.deleteIfExists(other);
    }
  }
}
