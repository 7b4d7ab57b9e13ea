package io.modelcontrol.proof;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Other people's sessions with a node, in a process of their own: whatever the JVM of a proof has
 * to compile and to collect keeps them from nothing. A handle of {@link BystanderMain}.
 */
final class Bystanders implements AutoCloseable {
  /** What requests are counted as. */
  enum Time {
    QUIET,
    DISTURBED,
    UNCOUNTED
  }

  /**
   * How one of them fared.
   *
   * @param quietMs the 99th percentile of so many requests
   */
  record Fared(String model, int quiet, double quietMs, int disturbed, double disturbedMs) {
    double ratio() {
      return disturbedMs / quietMs;
    }

    String figures(String where) {
      return String.format(
          Locale.ROOT,
          "p99 of another model %s %.2f ms of %d requests before, %.2f ms of %d during, ratio %.2f",
          where,
          quietMs,
          quiet,
          disturbedMs,
          disturbed,
          ratio());
    }

    String line() {
      return model + " " + quiet + " " + quietMs + " " + disturbed + " " + disturbedMs;
    }

    static Fared of(String line) {
      String[] words = line.split(" ", -1);
      return new Fared(
          words[0],
          Integer.parseInt(words[1]),
          Double.parseDouble(words[2]),
          Integer.parseInt(words[3]),
          Double.parseDouble(words[4]));
    }
  }

  private final Process process;
  private final PrintWriter commands;
  private final BufferedReader answers;

  private Bystanders(Process process) {
    this.process = process;
    this.commands = new PrintWriter(process.outputWriter(StandardCharsets.UTF_8), true);
    this.answers = process.inputReader(StandardCharsets.UTF_8);
  }

  /**
   * Starts them, connected.
   *
   * @param models one for each of them
   */
  static Bystanders of(int port, String... models) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                BystanderMain.class.getName(),
                Integer.toString(port)));
    command.addAll(List.of(models));
    Bystanders started =
        new Bystanders(
            new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
    started.answer();
    return started;
  }

  /** They ask from now on. */
  void ask(Time time) throws IOException {
    commands.println(time);
    answer();
  }

  /** They ask no more; fails if a request of theirs has. */
  void pause() throws IOException {
    commands.println(BystanderMain.PAUSE);
    answer();
  }

  /** In the order of their models. */
  List<Fared> fared() throws IOException {
    commands.println(BystanderMain.REPORT);
    return answer().stream().map(Fared::of).toList();
  }

  private List<String> answer() throws IOException {
    List<String> lines = new ArrayList<>();
    String line;
    while ((line = answers.readLine()) != null) {
      if (line.equals(BystanderMain.DONE)) {
        return lines;
      }
      lines.add(line);
    }
    throw new AssertionError("the bystanders have ended: " + lines);
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
