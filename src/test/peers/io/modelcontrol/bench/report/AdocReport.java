package io.modelcontrol.bench.report;

import io.modelcontrol.bench.report.Goal.Standing;
import java.util.List;

/** The report as a part of the guide: each table with the command that makes it. */
final class AdocReport {
  private final StringBuilder text = new StringBuilder();

  private AdocReport() {}

  /**
   * @param charts those that were drawn
   */
  static String of(Results results, Machine machine, List<Standing> goals, List<BarChart> charts) {
    AdocReport report = new AdocReport();
    report.head(results, machine);
    report.goals(goals);
    report.charts(charts);
    String suite = "";
    for (Measured measured : results.comparisons()) {
      if (!measured.suite().equals(suite)) {
        suite = measured.suite();
        report.line("\n== Suite " + suite);
      }
      report.comparison(measured);
    }
    report.micros(results.micros());
    return report.text.toString();
  }

  private void head(Results results, Machine machine) {
    line("= Vert.x Model Control: the last run of the benchmarks\n:toc: left\n:toclevels: 3");
    line(":sectanchors:\n\n// Written by the benchmarks: do not edit.\n");
    line("MCP is the Model Control Protocol here (not the Model Context Protocol). How this is");
    line("measured, and how to read it: link:benchmarks.adoc[Benchmarks].\n");
    line(machine.toText() + ".\n");
    command(results.log().command());
    for (String suite : results.log().failed()) {
      line("WARNING: the suite " + suite + " failed in this run.\n");
    }
  }

  private void goals(List<Standing> goals) {
    line("\n== Goals\n");
    table("7,5,3,3", Tables.GOAL_HEAD, goals.stream().map(Tables::row).toList());
  }

  private void charts(List<BarChart> charts) {
    if (!charts.isEmpty()) {
      line("\n== Pictures\n");
      charts.forEach(
          chart ->
              line(
                  "image::images/%s[%s]\n"
                      .formatted(chart.file(), quoted(chart.title() + ": " + chart.unit()))));
    }
  }

  private void comparison(Measured measured) {
    line("\n=== " + measured.name() + "\n");
    command(measured.command());
    table(
        "4,%d*3".formatted(Tables.head(measured).size() - 1),
        Tables.head(measured),
        Tables.rows(measured));
  }

  private void micros(List<Micro> micros) {
    if (!micros.isEmpty()) {
      line("\n== Parts, by JMH\n");
      command(Micro.command());
      table("4,3,2", Tables.MICRO_HEAD, micros.stream().map(Tables::row).toList());
    }
  }

  private void command(String command) {
    line("[source,shell]\n----\n" + command + "\n----\n");
  }

  private void table(String columns, List<String> head, List<List<String>> rows) {
    line("[cols=\"" + columns + "\",options=\"header\"]\n|===");
    row(head);
    rows.forEach(this::row);
    line("|===");
  }

  private void row(List<String> cells) {
    StringBuilder row = new StringBuilder();
    cells.forEach(cell -> row.append('|').append(cell.replace("|", "\\|")).append(' '));
    line(row.toString().stripTrailing());
  }

  private static String quoted(String text) {
    return '"' + text.replace("\"", "'") + '"';
  }

  private void line(String line) {
    text.append(line).append('\n');
  }
}
