package io.modelcontrol.bench.report;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/** How long to measure; collects what a suite compares. */
public final class Plan {
  /** Which comparisons to make, and which contenders to measure; all of them if it is empty. */
  private static final Pattern ONLY = pattern("bench.only");

  private static final Pattern CONTENDERS = pattern("bench.contenders");

  private final String suite;
  private final int rounds;
  private final long millis;
  private final JsonArray comparisons = new JsonArray();

  /**
   * @param rounds how often each contender is measured
   * @param millis how long each time
   */
  public Plan(String suite, int rounds, long millis) {
    this.suite = suite;
    this.rounds = rounds;
    this.millis = millis;
  }

  public long millis() {
    return millis;
  }

  /**
   * Measures all contenders in turns, round after round, and prints what came of it.
   *
   * @param contenders by name, in the order of the table; this project's first
   */
  public void compare(String name, Map<String, Contender> contenders) throws Exception {
    Map<String, Contender> chosen = new LinkedHashMap<>(contenders);
    chosen.keySet().removeIf(contender -> !CONTENDERS.matcher(contender).find());
    if (chosen.isEmpty() || !ONLY.matcher(name).find()) {
      return;
    }
    Comparison comparison = new Comparison(name);
    try {
      for (int round = 0; round < rounds; round++) {
        for (Map.Entry<String, Contender> contender : chosen.entrySet()) {
          comparison.add(contender.getKey(), contender.getValue().measure(round == 0));
        }
      }
    } finally {
      for (Contender contender : chosen.values()) {
        contender.close();
      }
    }
    System.out.print(comparison.toText());
    comparisons.add(comparison.toJson());
  }

  private static Pattern pattern(String property) {
    return Pattern.compile(System.getProperty(property, ""));
  }

  /** Writes all that was compared as SUITE.json. */
  public void write(Path directory) throws IOException {
    JsonObject all =
        new JsonObject()
            .put("suite", suite)
            .put("rounds", rounds)
            .put("millis", millis)
            .put("comparisons", comparisons);
    Files.createDirectories(directory);
    Files.writeString(directory.resolve(suite + ".json"), all.encodePrettily());
  }
}
