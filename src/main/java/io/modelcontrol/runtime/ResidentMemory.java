package io.modelcontrol.runtime;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the machine's memory holds of this process; known on Linux only. */
public final class ResidentMemory {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final long KIB = 1024;

  private ResidentMemory() {}

  /** Bytes of all of it, native memory of runtimes included; -1 where it cannot be told. */
  public static long bytes() {
    try {
      return Files.readAllLines(STATUS).stream()
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * KIB)
          .findFirst()
          .orElse(-1);
    } catch (IOException e) {
      return -1;
    }
  }

  /** What the machine has, or the container is allowed. */
  static long ofTheMachine() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean system
        ? system.getTotalMemorySize()
        : Long.MAX_VALUE;
  }

  /** As {@link #bytes}, without the Java heap: what native code takes, and the JVM itself. */
  static long bytesBesideTheHeap() {
    long all = bytes();
    return all < 0
        ? -1
        : all - ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getCommitted();
  }
}
