package io.modelcontrol.bench.report;

import io.modelcontrol.bench.report.Comparison.Spread;
import io.modelcontrol.bench.report.Goal.Standing;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The cells of all tables, whatever they are written as. */
final class Tables {
  static final List<String> MICRO_HEAD = List.of("benchmark", "ns each", "B allocated");
  static final List<String> GOAL_HEAD = List.of("what", "goal", "measured", "reached");

  private Tables() {}

  static List<String> head(Measured measured) {
    List<String> head = new ArrayList<>(List.of(""));
    measured.figures().forEach(figure -> head.add(figure.unit()));
    head.add("MCP is");
    return head;
  }

  static List<List<String>> rows(Measured measured) {
    Set<Figure> figures = measured.figures();
    List<List<String>> rows = new ArrayList<>();
    measured
        .contenders()
        .forEach(
            (name, spreads) -> {
              List<String> row = new ArrayList<>(List.of(name));
              figures.forEach(figure -> row.add(cell(spreads.get(figure))));
              row.add(ratio(measured, spreads));
              rows.add(row);
            });
    return rows;
  }

  static List<String> row(Micro micro) {
    return List.of(micro.name(), Numbers.text(micro.nanos()), Numbers.text(micro.allocatedBytes()));
  }

  static List<String> row(Standing standing) {
    return List.of(
        standing.goal().what(), standing.goal().text(), standing.figure(), standing.verdict());
  }

  private static String cell(Spread spread) {
    return spread == null ? "" : Numbers.text(spread);
  }

  /** How many times the contender's first figure this project's is. */
  private static String ratio(Measured measured, Map<Figure, Spread> spreads) {
    Figure main = measured.figures().iterator().next();
    Spread own = measured.own().get(main);
    Spread other = spreads.get(main);
    return own == null || other == null ? "" : "%.2fx".formatted(own.median() / other.median());
  }
}
