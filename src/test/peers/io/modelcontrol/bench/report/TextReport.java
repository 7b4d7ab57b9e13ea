package io.modelcontrol.bench.report;

import io.modelcontrol.bench.report.Goal.Standing;
import java.util.ArrayList;
import java.util.List;

/** The report as text: tables of what was measured, then the goals. */
final class TextReport {
  private final StringBuilder text = new StringBuilder();

  private TextReport() {}

  static String of(Results results, Machine machine, List<Standing> goals) {
    TextReport report = new TextReport();
    report.line(machine.toText());
    report.line(results.log().command());
    report.line("Medians, with least and most of all rounds in brackets.");
    results.log().failed().forEach(suite -> report.line("FAILED: suite " + suite));
    results.comparisons().forEach(report::comparison);
    report.micros(results.micros());
    report.goals(goals);
    return report.text.toString();
  }

  private void comparison(Measured measured) {
    line("");
    line(measured.suite() + ": " + measured.name());
    List<List<String>> rows = new ArrayList<>();
    rows.add(Tables.head(measured));
    rows.addAll(Tables.rows(measured));
    table(rows);
  }

  private void micros(List<Micro> micros) {
    if (!micros.isEmpty()) {
      line("");
      line("JMH");
      List<List<String>> rows = new ArrayList<>();
      rows.add(Tables.MICRO_HEAD);
      micros.forEach(micro -> rows.add(Tables.row(micro)));
      table(rows);
    }
  }

  private void goals(List<Standing> goals) {
    line("");
    line("Goals");
    List<List<String>> rows = new ArrayList<>();
    rows.add(Tables.GOAL_HEAD);
    goals.forEach(standing -> rows.add(Tables.row(standing)));
    table(rows);
  }

  /** Columns as wide as their widest cell. */
  private void table(List<List<String>> rows) {
    int[] widths = new int[rows.get(0).size()];
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        line.append("  ").append(row.get(i)).append(" ".repeat(widths[i] - row.get(i).length()));
      }
      line(line.toString().stripTrailing());
    }
  }

  private void line(String line) {
    text.append(line).append('\n');
  }
}
