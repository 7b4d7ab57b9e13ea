package io.modelcontrol.bench.report;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * All that suites and JMH have measured.
 *
 * @param suites as they wrote it
 */
record Results(
    RunLog log, List<JsonObject> suites, List<Measured> comparisons, List<Micro> micros) {

  static Results read(Path target) throws IOException {
    List<JsonObject> suites = new ArrayList<>();
    List<Measured> comparisons = new ArrayList<>();
    for (Path file : files(target.resolve("bench"))) {
      JsonObject suite = new JsonObject(Files.readString(file));
      // The log of the run lies beside them.
      if (suite.containsKey("comparisons")) {
        suites.add(suite);
        for (Object comparison : suite.getJsonArray("comparisons")) {
          comparisons.add(Measured.of(suite.getString("suite"), (JsonObject) comparison));
        }
      }
    }
    return new Results(RunLog.read(target), suites, comparisons, micros(target));
  }

  private static List<Path> files(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> file.toString().endsWith(".json")).sorted().toList();
    }
  }

  private static List<Micro> micros(Path target) throws IOException {
    Path file = target.resolve("bench.json");
    // JMH leaves an empty file where it fails.
    if (!Files.exists(file) || Files.size(file) == 0) {
      return List.of();
    }
    return new JsonArray(Files.readString(file))
        .stream().map(JsonObject.class::cast).map(Micro::of).toList();
  }

  /** The first one whose name matches as a whole. */
  Optional<Measured> comparison(String regex) {
    Pattern name = Pattern.compile(regex);
    return comparisons.stream().filter(each -> name.matcher(each.name()).matches()).findFirst();
  }

  Optional<Micro> micro(String regex) {
    Pattern name = Pattern.compile(regex);
    return micros.stream().filter(each -> name.matcher(each.name()).matches()).findFirst();
  }
}
