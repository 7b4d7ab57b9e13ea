package io.modelcontrol.bench.report;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** What the figures were measured on, as far as it can be known. */
record Machine(
    String processor,
    int cores,
    long memoryBytes,
    String kernel,
    String jdk,
    Instant date,
    String commit) {
  private static final String UNKNOWN = "unknown";
  private static final long GIT_SECONDS = 10;

  static Machine here() {
    String memory = line(Path.of("/proc/meminfo"), "MemTotal").replaceAll("[^0-9]", "");
    return new Machine(
        line(Path.of("/proc/cpuinfo"), "model name"),
        Runtime.getRuntime().availableProcessors(),
        memory.isEmpty() ? 0 : Long.parseLong(memory) << 10,
        System.getProperty("os.name") + " " + System.getProperty("os.version"),
        System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"),
        Instant.now().truncatedTo(ChronoUnit.SECONDS),
        described());
  }

  /** What follows the colon in the first line that begins so. */
  private static String line(Path file, String begin) {
    try (Stream<String> lines = Files.lines(file)) {
      return lines
          .filter(line -> line.startsWith(begin))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse(UNKNOWN);
    } catch (IOException e) {
      return UNKNOWN;
    }
  }

  /** The commit, with "-dirty" if files differ from it. */
  private static String described() {
    try {
      Process git =
          new ProcessBuilder("git", "describe", "--always", "--dirty", "--exclude", "*").start();
      String commit =
          new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      boolean well = git.waitFor(GIT_SECONDS, TimeUnit.SECONDS) && git.exitValue() == 0;
      return well ? commit : UNKNOWN;
    } catch (IOException e) {
      return UNKNOWN;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return UNKNOWN;
    }
  }

  JsonObject toJson() {
    return new JsonObject()
        .put("processor", processor)
        .put("cores", cores)
        .put("memoryBytes", memoryBytes)
        .put("kernel", kernel)
        .put("jdk", jdk)
        .put("date", date.toString())
        .put("commit", commit);
  }

  String toText() {
    return "%s, %d cores, %.0f GiB; %s; %s; %s; commit %s"
        .formatted(processor, cores, memoryBytes / (double) (1 << 30), kernel, jdk, date, commit);
  }
}
