package io.modelcontrol.bench;

import io.modelcontrol.bench.report.ReportMain;
import io.modelcontrol.bench.report.RunLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Runs all benchmarks one after the other, each suite and JMH in processes of their own, and
 * reports what came of them. One that fails does not keep the others from running.
 *
 * <p>Argument: the directory for the figures. All else is in system properties, named as Maven's.
 */
public final class BenchMain {
  /** JMH's benchmarks, as the name of a suite. */
  private static final String MICRO = "micro";

  private static final String NO_LEAK_DETECTION = " -Dio.netty.leakDetection.level=disabled";

  private final Path target;
  private final RunLog log = new RunLog();

  private BenchMain(Path target) {
    this.target = target;
  }

  public static void main(String[] args) throws Exception {
    System.exit(new BenchMain(Path.of(args[0])).run() ? 0 : 1);
  }

  private boolean run() throws Exception {
    for (String suite : chosen()) {
      long begin = System.nanoTime();
      boolean well = suite.equals(MICRO) ? micro() : suite(suite);
      log.add(suite, (System.nanoTime() - begin) / 1e9, well);
    }
    log.write(target);
    ReportMain.write(target);
    return log.failed().isEmpty();
  }

  private static List<String> chosen() {
    List<String> all =
        Stream.concat(
                Stream.of(Suite.values()).map(suite -> suite.name().toLowerCase(Locale.ROOT)),
                Stream.of(MICRO).filter(micro -> !Boolean.getBoolean("bench.micro.skip")))
            .toList();
    String named = System.getProperty("bench.suites", "");
    if (named.isBlank()) {
      return all;
    }
    List<String> chosen = Stream.of(named.split(",", -1)).map(String::strip).toList();
    for (String suite : chosen) {
      if (!all.contains(suite)) {
        throw new IllegalArgumentException("no suite " + suite + ", there are " + all);
      }
    }
    return chosen;
  }

  private boolean suite(String suite) throws IOException, InterruptedException {
    Path directory = target.resolve("bench");
    Files.deleteIfExists(directory.resolve(suite + ".json"));
    String rounds = System.getProperty("bench.rounds", "5");
    String millis = System.getProperty("bench.millis", "1000");
    System.out.printf("%nSuite %s: %s rounds of %s ms%n", suite, rounds, millis);
    return fork(NO_LEAK_DETECTION)
        .run(SuiteMain.class.getName(), List.of(suite, rounds, millis, directory.toString()));
  }

  private boolean micro() throws IOException, InterruptedException {
    Path json = target.resolve("bench.json");
    Files.deleteIfExists(json);
    String benchmarks = System.getProperty("bench.micro", ".*");
    String more = System.getProperty("bench.args", "").strip();
    List<String> arguments =
        Stream.concat(
                Stream.of(benchmarks, "-prof", "gc", "-foe", "true", "-rf", "json"),
                Stream.concat(
                    Stream.of("-rff", json.toString()),
                    Stream.of(more.split(" +")).filter(argument -> !argument.isEmpty())))
            .toList();
    return fork("").run("org.openjdk.jmh.Main", arguments);
  }

  private static Fork fork(String jvmArguments) {
    return new Fork(System.getProperty("bench.jvm", "") + jvmArguments);
  }
}
