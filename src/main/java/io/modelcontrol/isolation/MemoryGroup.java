package io.modelcontrol.isolation;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A control group of Linux that limits the memory of one process, where this node may make one:
 * version 1 below its own group, version 2 below its own or beside it, where the memory controller
 * was delegated. Elsewhere heap and address space are the limits.
 */
final class MemoryGroup {
  private static final Logger LOG = LoggerFactory.getLogger(MemoryGroup.class);
  private static final Path ROOT = Path.of("/sys/fs/cgroup");
  private static final Path OWN_GROUPS = Path.of("/proc/self/cgroup");

  /** None: there is nothing to join and nothing to remove. */
  private static final MemoryGroup NONE = new MemoryGroup(null);

  private final Path folder;

  private MemoryGroup(Path folderOrNull) {
    folder = folderOrNull;
  }

  /** A new group with that limit, or none. */
  static MemoryGroup create(long bytes) {
    try {
      for (String line : Files.readAllLines(OWN_GROUPS)) {
        String[] parts = line.split(":", 3);
        if (parts.length < 3) {
          continue;
        }
        String path = parts[2].substring(1);
        Optional<MemoryGroup> made =
            List.of(parts[1].split(",")).contains("memory")
                ? version1(ROOT.resolve("memory").resolve(path), bytes)
                : parts[0].equals("0") ? version2(ROOT.resolve(path), bytes) : Optional.empty();
        if (made.isPresent()) {
          return made.get();
        }
      }
    } catch (IOException e) {
      LOG.debug("No control group can be made for the process of a model", e);
    }
    return NONE;
  }

  private static Optional<MemoryGroup> version1(Path own, long bytes) throws IOException {
    if (!Files.isWritable(own)) {
      return Optional.empty();
    }
    return Optional.of(made(own, "memory.limit_in_bytes", bytes));
  }

  /** A group with processes cannot give controllers to groups below it: then one beside it. */
  private static Optional<MemoryGroup> version2(Path own, long bytes) throws IOException {
    for (Path parent : Stream.of(own, own.getParent()).toList()) {
      Path controllers = parent.resolve("cgroup.subtree_control");
      if (Files.isWritable(parent)
          && Files.isReadable(controllers)
          && Files.readString(controllers).contains("memory")) {
        return Optional.of(made(parent, "memory.max", bytes));
      }
    }
    return Optional.empty();
  }

  private static MemoryGroup made(Path parent, String limit, long bytes) throws IOException {
    Path folder = Files.createDirectory(parent.resolve("mcp-" + UUID.randomUUID()));
    MemoryGroup group = new MemoryGroup(folder);
    try {
      Files.writeString(folder.resolve(limit), Long.toString(bytes));
      return group;
    } catch (IOException e) {
      group.remove();
      throw e;
    }
  }

  /** The file that a process writes its id to; empty if there is none. */
  String joinFile() {
    return folder == null ? "" : folder.resolve("cgroup.procs").toString();
  }

  /** After its last process has ended. */
  void remove() {
    if (folder != null) {
      try {
        Files.deleteIfExists(folder);
      } catch (IOException e) {
        LOG.debug("A control group stays behind", e);
      }
    }
  }
}
