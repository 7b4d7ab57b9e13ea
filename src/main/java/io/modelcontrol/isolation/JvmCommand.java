package io.modelcontrol.isolation;

import io.modelcontrol.runtime.Background;
import io.modelcontrol.runtime.ModelHostOptions;
import io.modelcontrol.runtime.QuietProcessor;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The command line of a model's process: the node's own code, with limits. */
final class JvmCommand {
  /**
   * Limits that a process can only set for itself, then the command: no core files, address space,
   * the first one to go when the machine has no memory left, and the node's own work first: while
   * it starts and loads, it keeps to one processor, see {@link QuietProcessor}, and there to what
   * others leave, see {@link Background}, if it can leave that again.
   */
  private static final String LIMITS =
      "ulimit -c 0; ulimit -v $1; echo 1000 > /proc/self/oom_score_adj;"
          + " [ -z \"$2\" ] || echo $$ > \"$2\";"
          + " run='nice -n 10';"
          + " [ -z \"$3\" ] || ! command -v taskset > /dev/null || run=\"$run taskset -c $3\";"
          + " [ -z \"$4\" ] || run=\"$run chrt -i 0\";"
          + " shift 4; exec $run \"$@\"";

  private static final String LEFTOVERS = "leftovers";

  private static final Path SHELL = Path.of("/bin/sh");

  /** Address space that a JVM reserves and hardly uses: code, classes, stacks, libraries. */
  private static final long RESERVED_BYTES = 1L << 30;

  private static final long MAX_HEAP_BYTES = 1L << 30;

  private static final int KIB = 1024;

  /** What of the node's environment a runtime may need to behave as it does within the node. */
  private static final List<String> KEPT_VARIABLES = List.of("ALLOW_RELEASED_ONNX_OPSET_ONLY");

  private final ModelHostOptions options;
  private final List<String> jvmWords;

  /**
   * A command.
   *
   * @param jvmWords for the JVM, besides those that each one gets
   */
  JvmCommand(ModelHostOptions options, List<String> jvmWords) {
    this.options = options;
    this.jvmWords = jvmWords;
  }

  /**
   * The command.
   *
   * @param socket where the process shall listen
   * @param place the processor that it keeps to while it starts
   * @param temporary the only folder that it needs to write to
   */
  List<String> words(Path socket, Path temporary, MemoryGroup group, QuietProcessor place) {
    List<String> words = new ArrayList<>();
    if (isLinux() && Files.isExecutable(SHELL)) {
      long addressKib = (options.getProcessMemoryBytes() + RESERVED_BYTES) / KIB;
      words.addAll(
          List.of(
              SHELL.toString(),
              "-c",
              LIMITS,
              "sh",
              Long.toString(addressKib),
              group.joinFile(),
              place.number(),
              Background.mayTakeLeftovers() ? LEFTOVERS : ""));
    }
    words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    words.addAll(jvmFlags(temporary));
    words.addAll(jvmWords);
    String classPath =
        classPath().stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
    words.addAll(List.of("-cp", classPath, RuntimeProcessMain.class.getName(), socket.toString()));
    return words;
  }

  /** A quarter of the memory for the heap, half of it for buffers beside it, or for the model. */
  private List<String> jvmFlags(Path temporary) {
    return List.of(
        "-Xmx" + Math.min(MAX_HEAP_BYTES, options.getProcessMemoryBytes() / 4),
        "-XX:MaxDirectMemorySize=" + options.getProcessMemoryBytes() / 2,
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-XX:CompileThresholdScaling=5",
        "-XX:ReservedCodeCacheSize=48m",
        "-XX:CompressedClassSpaceSize=64m",
        "-XX:+ExitOnOutOfMemoryError",
        "-XX:-CreateCoredumpOnCrash",
        "-XX:ErrorFile=/dev/null",
        "-XX:-UsePerfData",
        "-Xshare:auto",
        "-Djava.io.tmpdir=" + temporary,
        "-Dslf4j.provider=" + ProcessLog.class.getName(),
        "-Dslf4j.internal.verbosity=WARN",
        "-Dvertx.disableFileCPResolving=true");
  }

  /** The node's own, in absolute paths. */
  static List<Path> classPath() {
    return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
        .map(entry -> Path.of(entry).toAbsolutePath())
        .toList();
  }

  private static boolean isLinux() {
    return System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("linux");
  }

  /** Nothing of the node's environment, where secrets are kept, reaches a model. */
  static void scrub(Map<String, String> environment) {
    environment.keySet().retainAll(KEPT_VARIABLES);
    environment.putAll(
        Map.of("LC_ALL", "C.UTF-8", "MALLOC_ARENA_MAX", "2", "ORT_DISABLE_TELEMETRY", "1"));
  }
}
