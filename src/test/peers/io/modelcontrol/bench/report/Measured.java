package io.modelcontrol.bench.report;

import io.modelcontrol.bench.report.Comparison.Spread;
import io.vertx.core.json.JsonObject;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * A comparison as it is read again from the JSON of its suite.
 *
 * @param contenders by name
 */
record Measured(String suite, String name, Map<String, Map<Figure, Spread>> contenders) {
  static Measured of(String suite, JsonObject json) {
    Map<String, Map<Figure, Spread>> contenders = new LinkedHashMap<>();
    for (Object each : json.getJsonArray("contenders")) {
      JsonObject contender = (JsonObject) each;
      contenders.put(contender.getString("name"), figures(contender.getJsonObject("figures")));
    }
    return new Measured(suite, json.getString("name"), contenders);
  }

  private static Map<Figure, Spread> figures(JsonObject json) {
    Map<Figure, Spread> figures = new EnumMap<>(Figure.class);
    for (String name : json.fieldNames()) {
      JsonObject spread = json.getJsonObject(name);
      figures.put(
          Figure.valueOf(name),
          new Spread(
              spread.getDouble("median"),
              spread.getDouble("least"),
              spread.getDouble("most"),
              spread.getInteger("rounds")));
    }
    return figures;
  }

  /** All that were measured, of any contender. */
  Set<Figure> figures() {
    Set<Figure> figures = EnumSet.noneOf(Figure.class);
    contenders.values().forEach(measured -> figures.addAll(measured.keySet()));
    return figures;
  }

  /** What this project reached; empty if it was left out. */
  Map<Figure, Spread> own() {
    return contenders.entrySet().stream()
        .filter(contender -> isOwn(contender.getKey()))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse(Map.of());
  }

  static boolean isOwn(String contender) {
    return contender.startsWith("MCP");
  }

  /** The command that measures it again. */
  String command() {
    // What means something to a regular expression or a shell is any character here.
    return "mvn -q -Pbench -Dbench.suites=%s -Dbench.only='%s' verify"
        .formatted(suite, name.replaceAll("[^\\p{L}\\p{N} ,:/-]", "."));
  }
}
