package io.modelcontrol.bench.report;

import io.modelcontrol.bench.report.Goal.Standing;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Reports what suites and JMH have measured, in DIRECTORY/bench/report; with {@code bench.publish}
 * in the guide as well.
 *
 * <p>Argument: the directory that they wrote to.
 */
public final class ReportMain {
  private static final Path GUIDE = Path.of("src/main/asciidoc");

  private ReportMain() {}

  public static void main(String[] args) throws IOException {
    write(Path.of(args[0]));
  }

  public static void write(Path target) throws IOException {
    Results results = Results.read(target);
    Machine machine = Machine.here();
    List<Standing> goals = Goals.standings(results);
    List<BarChart> charts = Charts.of(results);
    String text = TextReport.of(results, machine, goals);
    String adoc = AdocReport.of(results, machine, goals, charts);
    Path directory = Files.createDirectories(target.resolve("bench/report"));
    Files.writeString(directory.resolve("report.txt"), text);
    Files.writeString(
        directory.resolve("report.json"), json(results, machine, goals).encodePrettily());
    Files.writeString(directory.resolve("report.adoc"), adoc);
    draw(charts, directory);
    if (Boolean.getBoolean("bench.publish")) {
      Files.writeString(GUIDE.resolve("benchmark-report.adoc"), adoc);
      draw(charts, GUIDE.resolve("images"));
    }
    System.out.println(text);
  }

  private static void draw(List<BarChart> charts, Path directory) throws IOException {
    for (BarChart chart : charts) {
      Files.writeString(directory.resolve(chart.file()), chart.toSvg());
    }
  }

  private static JsonObject json(Results results, Machine machine, List<Standing> goals) {
    JsonArray micros = new JsonArray();
    results.micros().forEach(micro -> micros.add(micro.toJson()));
    JsonArray standings = new JsonArray();
    goals.forEach(standing -> standings.add(standing.toJson()));
    return new JsonObject()
        .put("machine", machine.toJson())
        .put("run", results.log().toJson())
        .put("suites", new JsonArray(results.suites()))
        .put("micro", micros)
        .put("goals", standings);
  }
}
