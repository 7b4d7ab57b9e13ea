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
    Suite suite = Suite.valueOf(args[0].toUpperCase(Locale.ROOT));
    boolean well = run(suite, plan);
    plan.write(Path.of(args[3]));
    // Peers leave threads behind that are no daemons.
    Runtime.getRuntime().halt(well ? 0 : 1);
  }

  /** What was compared before a failure is written, too. */
  private static boolean run(Suite suite, Plan plan) {
    try {
      suite.run(plan);
      return true;
    } catch (Exception | LinkageError | AssertionError e) {
      e.printStackTrace();
      return false;
    }
  }
}
