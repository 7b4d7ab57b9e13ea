package io.modelcontrol.bench.session;

import com.sun.management.UnixOperatingSystemMXBean;
import io.modelcontrol.bench.report.Figure;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** What idle sessions take of the server's memory, after a collection. */
final class IdleSessions {
  private static final int DEFAULT_COUNT = 2_000;

  /** Opened first, so that classes, pools and caches are there before anything is counted. */
  private static final int WARM_COUNT = 200;

  /** For all else that the process has open. */
  private static final int OTHER_FILES = 500;

  private static final long READY_WITHIN_SECONDS = 60;
  private static final double GIB = 1 << 30;

  /** Starts a server. */
  @FunctionalInterface
  interface Opener {
    IdleServer open() throws Exception;
  }

  private IdleSessions() {}

  /** {@code bench.sessions}, or as many as the process may open files. */
  static int count() {
    int wanted = Integer.getInteger("bench.sessions", DEFAULT_COUNT);
    return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
        ? (int) Math.min(wanted, unix.getMaxFileDescriptorCount() - WARM_COUNT - OTHER_FILES)
        : wanted;
  }

  static Map<Figure, Double> measure(String name, Opener opener, int count) throws Exception {
    try (IdleServer server = opener.open()) {
      Process early = hold(server, WARM_COUNT);
      Memory before = Memory.now();
      Process clients = hold(server, count);
      Memory after = Memory.now();
      after.writeGrowth(before, name, count);
      early.destroyForcibly().waitFor();
      clients.destroyForcibly().waitFor();
      return figures(before, after, count);
    }
  }

  private static Map<Figure, Double> figures(Memory before, Memory after, double count) {
    double heap = (after.heapBytes() - before.heapBytes()) / count;
    double direct = Math.max(0, after.directBytes() - before.directBytes()) / count;
    Map<Figure, Double> figures = new EnumMap<>(Figure.class);
    figures.put(Figure.PER_GIB, GIB / (heap + direct));
    figures.put(Figure.HEAP_BYTES, heap);
    figures.put(Figure.DIRECT_BYTES, direct);
    return figures;
  }

  /** Returns once all of them are Ready. The process ends with this one, too: its input does. */
  private static Process hold(IdleServer server, int count)
      throws IOException, InterruptedException, TimeoutException {
    Process clients =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                IdleClients.class.getName(),
                Integer.toString(server.port()),
                Integer.toString(count),
                HexFormat.of().formatHex(server.hello()))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    if (!server.ready().tryAcquire(count, READY_WITHIN_SECONDS, TimeUnit.SECONDS)) {
      clients.destroyForcibly();
      throw new TimeoutException("only " + server.ready().availablePermits() + " became Ready");
    }
    return clients;
  }
}
