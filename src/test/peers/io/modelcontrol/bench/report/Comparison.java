package io.modelcontrol.bench.report;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** What several contenders measured in turns; the first of them is this project. */
public final class Comparison {
  /** Rounds in which others took more than this are left out, if enough quiet ones remain. */
  private static final double QUIET_PERCENT = 5;

  private static final int ENOUGH_QUIET = 3;

  /**
   * What one figure was.
   *
   * @param rounds how many it was taken from
   */
  record Spread(double median, double least, double most, int rounds) {
    static Spread of(List<Double> values) {
      List<Double> sorted = values.stream().sorted(Comparator.naturalOrder()).toList();
      int last = sorted.size() - 1;
      return new Spread(
          (sorted.get(last / 2) + sorted.get((last + 1) / 2)) / 2,
          sorted.get(0),
          sorted.get(last),
          sorted.size());
    }

    JsonObject toJson() {
      return new JsonObject()
          .put("median", median)
          .put("least", least)
          .put("most", most)
          .put("rounds", rounds);
    }
  }

  private final String name;
  private final Map<String, List<Map<Figure, Double>>> rounds = new LinkedHashMap<>();

  Comparison(String name) {
    this.name = name;
  }

  void add(String contender, Map<Figure, Double> figures) {
    rounds.computeIfAbsent(contender, key -> new ArrayList<>()).add(figures);
  }

  /** Null if it was not measured. */
  Spread spread(String contender, Figure figure) {
    List<Map<Figure, Double>> all = rounds.getOrDefault(contender, List.of());
    List<Map<Figure, Double>> quiet = all.stream().filter(Comparison::quiet).toList();
    List<Double> values =
        (quiet.size() >= ENOUGH_QUIET ? quiet : all)
            .stream().filter(round -> round.containsKey(figure)).map(r -> r.get(figure)).toList();
    return values.isEmpty() ? null : Spread.of(values);
  }

  private static boolean quiet(Map<Figure, Double> round) {
    return round.getOrDefault(Figure.OTHERS_PERCENT, 0.0) <= QUIET_PERCENT;
  }

  private Set<Figure> figures() {
    Set<Figure> figures = EnumSet.noneOf(Figure.class);
    rounds.values().forEach(all -> all.forEach(round -> figures.addAll(round.keySet())));
    return figures;
  }

  JsonObject toJson() {
    JsonArray contenders = new JsonArray();
    for (String contender : rounds.keySet()) {
      JsonObject measured = new JsonObject();
      for (Figure figure : figures()) {
        Spread spread = spread(contender, figure);
        if (spread != null) {
          measured.put(figure.name(), spread.toJson());
        }
      }
      contenders.add(new JsonObject().put("name", contender).put("figures", measured));
    }
    return new JsonObject().put("name", name).put("contenders", contenders);
  }

  /** A table of medians, and how many times the others' first figure this project's is. */
  String toText() {
    StringBuilder text = new StringBuilder(String.format(Locale.ROOT, "%n%s%n%-34s", name, ""));
    Set<Figure> figures = figures();
    figures.forEach(figure -> text.append(String.format(Locale.ROOT, "%13s", figure.unit())));
    Figure main = figures.iterator().next();
    String own = rounds.keySet().stream().filter(Measured::isOwn).findFirst().orElse("");
    Spread mine = spread(own, main);
    text.append(String.format(Locale.ROOT, "%21s%9s%n", "spread", "MCP is"));
    for (String contender : rounds.keySet()) {
      text.append(String.format(Locale.ROOT, "%-34s", contender));
      for (Figure figure : figures) {
        Spread spread = spread(contender, figure);
        text.append(String.format(Locale.ROOT, "%13s", spread == null ? "" : sig(spread.median())));
      }
      Spread spread = spread(contender, main);
      if (spread != null && mine != null) {
        String range = sig(spread.least()) + "-" + sig(spread.most());
        text.append(String.format(Locale.ROOT, "%21s", range));
        text.append(String.format(Locale.ROOT, "%8.2fx", mine.median() / spread.median()));
      }
      text.append(System.lineSeparator());
    }
    return text.toString();
  }

  private static String sig(double value) {
    return String.format(Locale.ROOT, value >= 100 ? "%.0f" : value >= 10 ? "%.1f" : "%.2f", value);
  }
}
