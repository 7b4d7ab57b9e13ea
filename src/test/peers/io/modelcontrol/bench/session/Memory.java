package io.modelcontrol.bench.session;

import io.netty.util.internal.PlatformDependent;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.management.JMException;
import javax.management.ObjectName;

/**
 * What the process holds after a collection.
 *
 * @param classes a class histogram; empty unless {@code bench.histogram} names a file to write to
 */
record Memory(long heapBytes, long directBytes, Map<String, long[]> classes) {
  /** References and cleaners take a collection or two to let go. */
  private static final int COLLECTIONS = 3;

  private static final String FILE = System.getProperty("bench.histogram", "");

  /** Number: instances, bytes, name. */
  private static final Pattern LINE = Pattern.compile(" *\\d+: +(\\d+) +(\\d+) +(\\S+).*");

  static Memory now() throws JMException {
    for (int i = 0; i < COLLECTIONS; i++) {
      System.gc();
    }
    long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    long direct = Math.max(0, PlatformDependent.usedDirectMemory());
    for (var pool : ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class)) {
      direct += pool.getName().equals("direct") ? pool.getMemoryUsed() : 0;
    }
    return new Memory(heap, direct, FILE.isEmpty() ? Map.of() : histogram());
  }

  private static Map<String, long[]> histogram() throws JMException {
    String text =
        (String)
            ManagementFactory.getPlatformMBeanServer()
                .invoke(
                    new ObjectName("com.sun.management:type=DiagnosticCommand"),
                    "gcClassHistogram",
                    new Object[] {new String[0]},
                    new String[] {String[].class.getName()});
    Map<String, long[]> classes = new HashMap<>();
    for (String line : text.split("\n", -1)) {
      Matcher matcher = LINE.matcher(line);
      if (matcher.matches()) {
        classes.put(
            matcher.group(3),
            new long[] {Long.parseLong(matcher.group(1)), Long.parseLong(matcher.group(2))});
      }
    }
    return classes;
  }

  /** Appends which classes have grown since, and by how much for each of so many things. */
  void writeGrowth(Memory before, String what, double count) throws IOException {
    if (FILE.isEmpty()) {
      return;
    }
    StringBuilder text = new StringBuilder("\n" + what + ", for each: bytes, instances, class\n");
    List<Map.Entry<String, long[]>> sorted =
        classes.entrySet().stream()
            .sorted((one, other) -> Long.compare(grown(before, other, 1), grown(before, one, 1)))
            .toList();
    for (Map.Entry<String, long[]> each : sorted) {
      double bytes = grown(before, each, 1) / count;
      if (bytes >= 1) {
        double instances = grown(before, each, 0) / count;
        text.append(
            String.format(Locale.ROOT, "%9.1f %7.2f  %s%n", bytes, instances, each.getKey()));
      }
    }
    Files.writeString(Path.of(FILE), text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  private static long grown(Memory before, Map.Entry<String, long[]> now, int column) {
    return now.getValue()[column] - before.classes.getOrDefault(now.getKey(), new long[2])[column];
  }
}
