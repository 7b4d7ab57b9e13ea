package io.modelcontrol.proof;

import io.modelcontrol.client.McpClient;
import io.modelcontrol.client.McpClientOptions;
import io.modelcontrol.client.RetryOptions;
import io.modelcontrol.testing.TestNode;
import io.vertx.core.Vertx;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A node of its own: the fat jar, or the test's class path, run by {@code serve}. */
final class NodeProcess implements AutoCloseable {
  /**
   * A heap that is resident from the start: it neither grows nor hides what does; nor do the tables
   * of a collector for large heaps.
   */
  static final List<String> FIXED_HEAP =
      List.of("-Xms128m", "-Xmx128m", "-XX:+AlwaysPreTouch", "-XX:+UseSerialGC");

  /** As modelctl does. */
  private static final List<String> TRIMMED =
      List.of("-XX:+IgnoreUnrecognizedVMOptions", "-XX:TrimNativeHeapInterval=10000");

  /** Longer than the JVM keeps what it has compiled with, and what the native heap has free. */
  static final long REST_SECONDS = 12;

  private static final String SMALL_HEAP = "-Xmx512m";
  private static final String MAIN = "io.modelcontrol.cli.Main";
  private static final Pattern PORT = Pattern.compile("mcp://[^ ]*:(\\d+)");
  private static final long START_SECONDS = 120;

  private final Process process;
  private final CompletableFuture<String> listening = new CompletableFuture<>();

  private NodeProcess(Process process) {
    this.process = process;
    Thread reader = new Thread(this::read, "node-output");
    reader.setDaemon(true);
    reader.start();
  }

  /** Starts a node and waits until it listens. */
  static NodeProcess serve(Path fatJar, Path directory, String... flags) throws Exception {
    return serveUnder(List.of(), fatJar, directory, flags);
  }

  /** As {@link #serve}, by way of a command that is followed by that of the node. */
  static NodeProcess serveUnder(List<String> wrapper, Path fatJar, Path directory, String... flags)
      throws Exception {
    return serveUnder(wrapper, List.of(SMALL_HEAP), fatJar, directory, flags);
  }

  /** As {@link #serve}, with one more jar beside the fat one; the test's class path has it. */
  static NodeProcess serveWith(Path jar, Path fatJar, Path directory, String... flags)
      throws Exception {
    if (fatJar.toString().isEmpty()) {
      return serve(fatJar, directory, flags);
    }
    String classPath = fatJar.toAbsolutePath() + File.pathSeparator + jar.toAbsolutePath();
    return start(List.of(), List.of(SMALL_HEAP), List.of("-cp", classPath, MAIN), directory, flags);
  }

  /** As {@link #serveUnder}, on a JVM with these arguments. */
  static NodeProcess serveUnder(
      List<String> wrapper, List<String> jvmArguments, Path fatJar, Path directory, String... flags)
      throws Exception {
    List<String> program =
        fatJar.toString().isEmpty()
            ? List.of("-cp", System.getProperty("java.class.path"), MAIN)
            : List.of("-jar", fatJar.toAbsolutePath().toString());
    return start(wrapper, jvmArguments, program, directory, flags);
  }

  private static NodeProcess start(
      List<String> wrapper,
      List<String> jvmArguments,
      List<String> program,
      Path directory,
      String... flags)
      throws Exception {
    List<String> command = new ArrayList<>(wrapper);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(TRIMMED);
    command.addAll(jvmArguments);
    command.addAll(program);
    command.add("serve");
    command.addAll(List.of(flags));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.directory(directory.toFile());
    // As modelctl does.
    builder.environment().put("ORT_DISABLE_TELEMETRY", "1");
    builder.environment().put("MALLOC_ARENA_MAX", "2");
    builder.environment().put("MALLOC_MMAP_THRESHOLD_", "131072");
    NodeProcess node = new NodeProcess(builder.start());
    node.listening.get(START_SECONDS, TimeUnit.SECONDS);
    return node;
  }

  /** A client that repeats nothing, connected: a request that has to be repeated has failed. */
  McpClient client(Vertx vertx) throws Exception {
    return client(vertx, port());
  }

  /** The same from any process. */
  static McpClient client(Vertx vertx, int port) throws TimeoutException {
    McpClient client =
        McpClient.create(
            vertx,
            new McpClientOptions().setPort(port).setRetry(new RetryOptions().setMaxAttempts(1)));
    TestNode.await(client.connect());
    return client;
  }

  int port() throws Exception {
    Matcher port = PORT.matcher(listening.get());
    if (!port.find()) {
      throw new AssertionError("no port in: " + listening.get());
    }
    return Integer.parseInt(port.group(1));
  }

  /** Whether a file whose name contains this is mapped into its memory; Linux only. */
  boolean hasMapped(String part) throws IOException {
    return Files.readString(Path.of("/proc/" + process.pid() + "/maps")).contains(part);
  }

  /** What of its memory is in the machine's; Linux only. */
  long residentBytes() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
      }
    }
    throw new AssertionError("the node has no memory");
  }

  /** What of its Java heap is reachable; collects all of it. */
  long liveHeapBytes() throws IOException {
    String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
    Process asked =
        new ProcessBuilder(jcmd, Long.toString(process.pid()), "GC.class_histogram")
            .redirectErrorStream(true)
            .start();
    try (BufferedReader lines = asked.inputReader(StandardCharsets.UTF_8)) {
      return lines
          .lines()
          .filter(line -> line.startsWith("Total "))
          .mapToLong(line -> Long.parseLong(line.strip().split(" +", -1)[2]))
          .findFirst()
          .orElseThrow(() -> new AssertionError("the node does not tell of its heap"));
    }
  }

  /** Processes that it has started and that run. */
  long children() {
    return process.children().count();
  }

  /** As by kill -9. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** As by SIGTERM; returns the exit code. */
  int stop() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(30, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("a node did not stop within 30 s of SIGTERM");
    }
    return process.exitValue();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  private void read() {
    StringBuilder said = new StringBuilder();
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      String line;
      while ((line = lines.readLine()) != null) {
        said.append(line).append('\n');
        if (line.contains("listening")) {
          listening.complete(line);
        }
      }
      listening.completeExceptionally(new AssertionError("the node ended: " + said));
    } catch (IOException e) {
      listening.completeExceptionally(e);
    }
  }
}
