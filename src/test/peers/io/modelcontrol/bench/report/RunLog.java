package io.modelcontrol.bench.report;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Which suites one command ran, how long each took, and which of them failed. */
public final class RunLog {
  private static final String FILE = "bench/run.json";

  private final JsonObject log;

  public RunLog() {
    this(new JsonObject().put("command", commandLine()).put("suites", new JsonArray()));
  }

  private RunLog(JsonObject log) {
    this.log = log;
  }

  /** As it was written; empty if nothing was. */
  static RunLog read(Path target) throws IOException {
    Path file = target.resolve(FILE);
    return Files.exists(file) ? new RunLog(new JsonObject(Files.readString(file))) : new RunLog();
  }

  public void add(String suite, double seconds, boolean well) {
    log.getJsonArray("suites")
        .add(new JsonObject().put("name", suite).put("seconds", seconds).put("failed", !well));
  }

  /** Names of those that failed. */
  public List<String> failed() {
    return log.getJsonArray("suites").stream()
        .map(JsonObject.class::cast)
        .filter(suite -> suite.getBoolean("failed"))
        .map(suite -> suite.getString("name"))
        .toList();
  }

  String command() {
    return log.getString("command");
  }

  JsonObject toJson() {
    return log;
  }

  public void write(Path target) throws IOException {
    Path file = target.resolve(FILE);
    Files.createDirectories(file.getParent());
    Files.writeString(file, log.encodePrettily());
  }

  /** Maven's script leaves its arguments in the environment. */
  private static String commandLine() {
    String arguments = System.getenv("MAVEN_CMD_LINE_ARGS");
    return arguments == null ? System.getProperty("sun.java.command") : "mvn " + arguments.strip();
  }
}
