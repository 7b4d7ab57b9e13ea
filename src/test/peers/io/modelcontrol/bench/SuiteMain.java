package io.modelcontrol.bench;

import io.modelcontrol.bench.report.Plan;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Runs one suite.
 *
 * <p>Arguments: suite, rounds, milliseconds of each measurement, directory for the JSON.
 */
public final class SuiteMain {
  private SuiteMain() {}

  public static void main(String[] args) throws Exception {
    Plan plan = new Plan(args[0], Integer.parseInt(args[1]), Long.parseLong(args[2]));
    Suite.valueOf(args[0].toUpperCase(Locale.ROOT)).run(plan);
    plan.write(Path.of(args[3]));
    // Peers leave threads behind that are no daemons.
    Runtime.getRuntime().halt(0);
  }
}
