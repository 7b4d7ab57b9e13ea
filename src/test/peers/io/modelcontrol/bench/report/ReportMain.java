package io.modelcontrol.bench.report;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Reports what suites and JMH have measured, in target/bench/report.
 *
 * <p>Argument: the directory that they wrote to.
 */
public final class ReportMain {
  private ReportMain() {}

  public static void main(String[] args) throws IOException {
    write(Path.of(args[0]));
  }

  public static void write(Path target) throws IOException {
    RunLog log = RunLog.read(target);
    log.failed().forEach(suite -> System.out.println("failed: " + suite));
  }
}
