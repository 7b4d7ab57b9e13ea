package io.modelcontrol.bench.report;

import java.util.List;
import java.util.Optional;

/** Which comparisons are drawn. */
final class Charts {
  /**
   * One of them.
   *
   * @param comparison its whole name, as a regular expression
   */
  private record Subject(String file, String comparison, Figure figure) {}

  private static final List<Subject> SUBJECTS =
      List.of(
          new Subject("echo-64", "echo of 64 B, 64 in flight.*", Figure.PER_SECOND),
          new Subject("echo-64-cpu", "echo of 64 B, 64 in flight.*", Figure.CPU_MICROS),
          new Subject("echo-64-p99", "echo of 64 B, 64 in flight.*", Figure.P99_MICROS),
          new Subject("echo-4096", "echo of 4096 B, 64 in flight.*", Figure.PER_SECOND),
          new Subject(
              "echo-602112", "(?i)602,?112 B in, .*\\b1 in flight, one c.*", Figure.PER_SECOND),
          new Subject("push", Goals.PUSH, Figure.MEGABYTES_PER_SECOND),
          new Subject("streams-open", Goals.HELD, Figure.MICROS),
          new Subject("streams-heap", Goals.HELD, Figure.HEAP_BYTES),
          new Subject("streams-p95", Goals.HELD, Figure.P95_MICROS),
          new Subject("serving-mlp", Goals.MLP, Figure.PER_SECOND),
          new Subject("serving-squeezenet", Goals.SQUEEZENET, Figure.PER_SECOND),
          new Subject("sessions-connect", Goals.CONNECTS, Figure.PER_SECOND),
          new Subject("sessions-idle", Goals.IDLE, Figure.PER_GIB));

  private Charts() {}

  /** Those whose comparison was measured. */
  static List<BarChart> of(Results results) {
    return SUBJECTS.stream()
        .map(subject -> draw(subject, results))
        .flatMap(Optional::stream)
        .toList();
  }

  private static Optional<BarChart> draw(Subject subject, Results results) {
    return results
        .comparison(subject.comparison())
        .filter(measured -> measured.figures().contains(subject.figure()))
        .map(
            measured ->
                BarChart.of("bench-" + subject.file() + ".svg", measured, subject.figure()));
  }
}
