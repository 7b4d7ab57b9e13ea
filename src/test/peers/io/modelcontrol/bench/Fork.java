package io.modelcontrol.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A process of its own, so that nothing of one suite is left for the next. */
final class Fork {
  /** No suite takes so long; one that does hangs, and is ended. */
  private static final long LIMIT_MINUTES = 120;

  private final List<String> command = new ArrayList<>();

  /**
   * @param jvmArguments separated by blanks
   */
  Fork(String jvmArguments) {
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(jvmArguments.strip().split(" +")));
    command.removeIf(String::isEmpty);
    for (String name : System.getProperties().stringPropertyNames()) {
      String value = System.getProperty(name);
      if (name.startsWith("bench.") && !value.isEmpty()) {
        command.add("-D" + name + "=" + value);
      }
    }
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
  }

  /** Runs to its end; true if it went well. */
  boolean run(String main, List<String> arguments) throws IOException, InterruptedException {
    command.add(main);
    command.addAll(arguments);
    Process process = new ProcessBuilder(command).inheritIO().start();
    Thread end = new Thread(process::destroyForcibly);
    Runtime.getRuntime().addShutdownHook(end);
    try {
      return process.waitFor(LIMIT_MINUTES, TimeUnit.MINUTES) && process.exitValue() == 0;
    } finally {
      process.destroyForcibly();
      Runtime.getRuntime().removeShutdownHook(end);
    }
  }
}
