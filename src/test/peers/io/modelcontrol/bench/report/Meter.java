package io.modelcontrol.bench.report;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;

/** What passes between two moments: time, processor time of this process and of all others. */
public final class Meter {
  private static final OperatingSystemMXBean SYSTEM =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
  private static final Path STAT = Path.of("/proc/stat");

  /** Ticks a second of /proc/stat: USER_HZ is 100 on every Linux that Java runs on. */
  private static final double NANOS_PER_TICK = 1e9 / 100;

  /** Columns of /proc/stat: user, nice, system, idle, iowait, irq, softirq, steal. */
  private static final int[] BUSY = {1, 2, 3, 6, 7};

  private final long cpu = SYSTEM.getProcessCpuTime();
  private final double busy = busyNanos();
  private final long begin = System.nanoTime();

  private Meter() {}

  public static Meter begin() {
    return new Meter();
  }

  /** Rate, processor time for each of so many operations, and what others took. */
  public Map<Figure, Double> end(long operations) {
    long took = System.nanoTime() - begin;
    double used = SYSTEM.getProcessCpuTime() - cpu;
    double others = Math.max(0, busyNanos() - busy - used);
    Map<Figure, Double> figures = new EnumMap<>(Figure.class);
    figures.put(Figure.PER_SECOND, operations * 1e9 / took);
    figures.put(Figure.CPU_MICROS, used / 1e3 / Math.max(1, operations));
    figures.put(
        Figure.OTHERS_PERCENT, 100 * others / took / Runtime.getRuntime().availableProcessors());
    return figures;
  }

  /** Zero where there is no such file. */
  private static double busyNanos() {
    if (!Files.isReadable(STAT)) {
      return 0;
    }
    try (var lines = Files.lines(STAT)) {
      String[] columns = lines.findFirst().orElse("").split(" +", -1);
      double ticks = 0;
      for (int column : BUSY) {
        ticks += column < columns.length ? Double.parseDouble(columns[column]) : 0;
      }
      return ticks * NANOS_PER_TICK;
    } catch (IOException e) {
      return 0;
    }
  }
}
