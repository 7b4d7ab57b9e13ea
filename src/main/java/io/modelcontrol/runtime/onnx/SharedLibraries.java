package io.modelcontrol.runtime.onnx;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.WRITE;

import ai.onnxruntime.OrtEnvironment;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * ONNX Runtime's native libraries, for this process and for those that it starts: unpacked once,
 * where each would unpack 24 MB for itself, and mapped by all of them from the same pages. The
 * files go with this process; those of one that was killed go when the next one unpacks its own.
 */
final class SharedLibraries {
  private static final Logger LOG = LoggerFactory.getLogger(SharedLibraries.class);

  /** Where ONNX Runtime's binding looks for all its libraries, and nowhere else. */
  private static final String PROPERTY = "onnxruntime.native.path";

  private static final List<String> NAMES = List.of("libonnxruntime.so", "libonnxruntime4j_jni.so");

  /** There where the binding brings execution providers, whose libraries it looks for, too. */
  private static final String PROVIDERS = "libonnxruntime_providers_shared.so";

  private static final String PREFIX = "mcp-libraries-";

  /** The file that a process has locked as long as it lives. */
  private static final String LOCK = "lock";

  /** Whoever makes a folder has locked it before it is so old. */
  private static final Duration LOCKED_AFTER = Duration.ofMinutes(1);

  /** Where this process has unpacked them; null where it has not. */
  private static Path own;

  /** Of that folder; held until the process ends. */
  private static FileChannel lock;

  private SharedLibraries() {}

  /**
   * Unpacks them for this process, unless its user has said where they are, before its first
   * session, and again if somebody has removed them since, as those do who tidy the folder for
   * temporary files up; says what other processes have to be told. Nothing, where each is better
   * off with its own.
   */
  static synchronized Map<String, String> properties() {
    String folder = System.getProperty(PROPERTY);
    if (folder == null || isLost(folder)) {
      String packed = "native/" + platform() + "/";
      if (!arePacked(packed)) {
        return Map.of();
      }
      try {
        own = unpack(packed);
        folder = own.toString();
      } catch (IOException e) {
        LOG.warn("Each process of a model unpacks ONNX Runtime for itself: {}", e.toString());
        return Map.of();
      }
      System.setProperty(PROPERTY, folder);
    }
    return Map.of(PROPERTY, Path.of(folder).toAbsolutePath().toString());
  }

  private static boolean isLost(String folder) {
    return own != null
        && folder.equals(own.toString())
        && !NAMES.stream().allMatch(name -> Files.exists(own.resolve(name)));
  }

  private static Path unpack(String packed) throws IOException {
    // Before: on POSIX systems, who opens and closes a file has lost its lock.
    deleteAbandoned(Path.of(System.getProperty("java.io.tmpdir")));
    Path folder = Files.createTempDirectory(PREFIX);
    folder.toFile().deleteOnExit();
    lock = FileChannel.open(fileOf(folder, LOCK), CREATE_NEW, WRITE);
    lock.lock();
    for (String name : NAMES) {
      Path file = fileOf(folder, name);
      try (InputStream in = OrtEnvironment.class.getResourceAsStream(packed + name)) {
        Files.copy(in, file);
      }
    }
    return folder;
  }

  private static Path fileOf(Path folder, String name) {
    Path file = folder.resolve(name);
    file.toFile().deleteOnExit();
    return file;
  }

  /** Deletes what processes of this user have left that were killed. */
  static void deleteAbandoned(Path temporary) {
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(temporary, PREFIX + "*")) {
      for (Path folder : folders) {
        deleteIfAbandoned(folder);
      }
    } catch (IOException | DirectoryIteratorException e) {
      LOG.debug("What other processes have left is not known", e);
    }
  }

  private static void deleteIfAbandoned(Path folder) {
    Path locked = folder.resolve(LOCK);
    // Only what is as this class makes it: anybody may put links into the folder of all.
    if (!Files.isDirectory(folder, NOFOLLOW_LINKS)
        || !Files.isRegularFile(locked, NOFOLLOW_LINKS)) {
      return;
    }
    try (FileChannel channel = FileChannel.open(locked, WRITE, NOFOLLOW_LINKS)) {
      Instant made = Files.getLastModifiedTime(locked).toInstant();
      if (made.isBefore(Instant.now().minus(LOCKED_AFTER)) && channel.tryLock() != null) {
        for (String name : NAMES) {
          Files.deleteIfExists(folder.resolve(name));
        }
        Files.delete(locked);
        Files.delete(folder);
      }
    } catch (IOException | OverlappingFileLockException e) {
      LOG.debug("{} is left as it is", folder, e);
    }
  }

  private static boolean arePacked(String folder) {
    return NAMES.stream().allMatch(name -> isThere(folder + name)) && !isThere(folder + PROVIDERS);
  }

  private static boolean isThere(String resource) {
    return OrtEnvironment.class.getResource(resource) != null;
  }

  /** As the binding names it. */
  private static String platform() {
    String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String machine = System.getProperty("os.arch");
    return system + "-" + (machine.equals("amd64") ? "x64" : machine);
  }
}
