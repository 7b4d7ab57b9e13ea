package io.modelcontrol.runtime.conformance;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.management.JMException;
import javax.management.ObjectName;

/**
 * What the process holds. The heap is told apart from native memory by its addresses: how much of
 * it is resident says nothing of what is alive there.
 *
 * @param heapBytes alive on the heap
 * @param nativeBytes resident beside the heap; -1 where it cannot be told
 */
record HeldMemory(long heapBytes, long nativeBytes) {
  private static final Path MAPPINGS = Path.of("/proc/self/smaps");
  private static final Pattern MAPPING = Pattern.compile("([0-9a-f]+)-([0-9a-f]+) .*");
  private static final Pattern RESIDENT = Pattern.compile("Rss: +([0-9]+) kB");
  private static final Pattern HEAP =
      Pattern.compile("\\[0x([0-9a-f]+), (?:0x[0-9a-f]+, )?0x([0-9a-f]+)\\)");
  private static final int HEX = 16;
  private static final long KIB = 1024;

  /** After the garbage was collected. */
  static HeldMemory now() {
    System.gc();
    long alive = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    try {
      return new HeldMemory(alive, residentBeside(heapInfo(), Files.readAllLines(MAPPINGS)));
    } catch (IOException | JMException e) {
      return new HeldMemory(alive, -1);
    }
  }

  boolean isKnown() {
    return nativeBytes >= 0;
  }

  /** Where the heap lies, in the words of the JVM's collector. */
  private static String heapInfo() throws JMException {
    ObjectName commands = new ObjectName("com.sun.management:type=DiagnosticCommand");
    Object info =
        ManagementFactory.getPlatformMBeanServer().invoke(commands, "gcHeapInfo", null, null);
    return String.valueOf(info);
  }

  /**
   * Resident bytes of the mappings that are not the heap's.
   *
   * @param heapInfo names ranges of addresses, {@code [0x80000000, 0x100000000)}
   * @return -1 if it names none
   */
  static long residentBeside(String heapInfo, List<String> mappings) {
    long heapStart = Long.MAX_VALUE;
    long heapEnd = -1;
    Matcher ranges = HEAP.matcher(heapInfo);
    while (ranges.find()) {
      heapStart = Math.min(heapStart, Long.parseLong(ranges.group(1), HEX));
      heapEnd = Math.max(heapEnd, Long.parseLong(ranges.group(2), HEX));
    }
    return heapEnd < 0 ? -1 : residentOutside(heapStart, heapEnd, mappings);
  }

  private static long residentOutside(long start, long end, List<String> mappings) {
    long bytes = 0;
    boolean outside = true;
    for (String line : mappings) {
      Matcher mapping = MAPPING.matcher(line);
      Matcher resident = RESIDENT.matcher(line);
      if (mapping.matches()) {
        // The kernel's own page has an address beyond a signed long.
        long from = Long.parseUnsignedLong(mapping.group(1), HEX);
        outside = from < start || from >= end;
      } else if (outside && resident.matches()) {
        bytes += Long.parseLong(resident.group(1)) * KIB;
      }
    }
    return bytes;
  }
}
