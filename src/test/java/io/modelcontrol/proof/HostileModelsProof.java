package io.modelcontrol.proof;

import static io.modelcontrol.testing.TestNode.await;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.Tensor;
import io.modelcontrol.client.McpClient;
import io.modelcontrol.client.McpClientOptions;
import io.modelcontrol.client.ModelUpload;
import io.modelcontrol.model.HostileModels;
import io.modelcontrol.model.HostileModels.Hostile;
import io.modelcontrol.model.OnnxScanner;
import io.modelcontrol.testing.OnnxModels;
import io.vertx.core.Vertx;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A node is sent every hostile model, from the place where the files lie that the models refer to.
 * Each is refused for its own reason before ONNX Runtime is so much as loaded, nothing of it is
 * kept, and, where {@code strace} can watch it, the node opens no file outside of its store.
 */
public final class HostileModelsProof implements Proof {
  private static final Path STRACE = Path.of("/usr/bin/strace");
  private static final Pattern OPENED =
      Pattern.compile("(?:open|openat|openat2|creat|execve)\\((?:AT_FDCWD, |\\d+, )?\"([^\"]*)\"");

  /**
   * What a JVM looks at again and again, how much memory there is and which disks; and what a node
   * looks at with each load, how much memory it takes and whether processors are free.
   */
  private static final List<String> OF_THE_JVM =
      List.of(
          "/proc/mounts",
          "/proc/meminfo",
          "/proc/self/stat",
          "/proc/stat",
          "/sys/fs/cgroup/",
          "/dev/random",
          "/dev/urandom");

  @Override
  public String run(ProofArgs args) throws Exception {
    List<Hostile> corpus = HostileModels.all();
    int count = Math.min(corpus.size(), args.countOr(corpus.size()));
    Path folder = Files.createTempDirectory("hostile").toRealPath();
    Path cwd = Files.createDirectories(folder.resolve("cwd"));
    layCanaries(cwd);
    Path log = folder.resolve("opened.txt");
    boolean watched = canTrace();
    Vertx vertx = Vertx.vertx();
    try (NodeProcess node =
        NodeProcess.serveUnder(
            watched ? strace(log) : List.of(),
            args.fatJar(),
            cwd,
            "--port",
            "0",
            "--store",
            "models")) {
      McpClient client = McpClient.create(vertx, new McpClientOptions().setPort(node.port()));
      await(client.connect());
      // A first load, of another runtime, has the classes loaded that each needs.
      await(client.load(ModelUpload.of("first", "1", identity())));
      long before = watched ? Files.size(log) : 0;
      Map<String, Integer> reasons = new TreeMap<>();
      for (int i = 0; i < count; i++) {
        Hostile hostile = corpus.get((int) ((long) i * corpus.size() / count));
        refuse(client, hostile, i);
        reasons.merge(hostile.reason(), 1, Integer::sum);
      }
      String opened =
          watched
              ? opened(log, before, cwd, args.fatJar())
              : "not watched, there is no strace here";
      requireNotLoaded(node, "onnxruntime");
      requireEmptyStore(cwd);
      requireAnswer(client, node);
      return count
          + " hostile models and their controls, by reason "
          + reasons
          + ": all refused before ONNX Runtime was loaded, none kept; files opened: "
          + opened;
    } finally {
      await(vertx.close());
    }
  }

  /** Containers often forbid to watch a process. */
  private static boolean canTrace() throws IOException, InterruptedException {
    return Files.isExecutable(STRACE)
        && new ProcessBuilder(STRACE.toString(), "-D", "-o", "/dev/null", "true").start().waitFor()
            == 0;
  }

  /** -D: the node stays the child of this process. */
  private static List<String> strace(Path log) {
    return List.of(
        STRACE.toString(),
        "-D",
        "-f",
        "-qq",
        "-e",
        "trace=open,openat,openat2,creat,execve",
        "-s",
        "4096",
        "-o",
        log.toString());
  }

  private static byte[] identity() {
    return "{\"op\":\"identity\"}".getBytes(StandardCharsets.UTF_8);
  }

  private static void layCanaries(Path cwd) throws IOException {
    for (String canary : HostileModels.CANARIES) {
      Path file = cwd.resolve(canary).normalize();
      Files.createDirectories(file.getParent());
      Files.writeString(file, "nobody may read this");
    }
  }

  private static void refuse(McpClient client, Hostile hostile, int number)
      throws TimeoutException {
    OnnxScanner.scan(ByteBuffer.wrap(hostile.control()), OnnxScanner.Limits.DEFAULT);
    if (hostile.content().length == 0) {
      // The protocol has no upload of nothing.
      return;
    }
    ModelUpload upload =
        ModelUpload.of("hostile-" + number, "1", hostile.content()).parameter("runtime", "onnx");
    try {
      await(client.load(upload));
    } catch (McpException e) {
      if (e.code() == ErrorCode.MODEL_REJECTED
          && e.getMessage().startsWith(hostile.reason() + ": ")) {
        return;
      }
      throw new AssertionError(hostile.name() + " is refused as " + e, e);
    }
    throw new AssertionError(hostile.name() + " is accepted");
  }

  /** Counts what was opened since; fails on what is neither in the store nor of the JVM. */
  private static String opened(Path log, long before, Path cwd, Path fatJar) throws IOException {
    byte[] all = Files.readAllBytes(log);
    String since =
        new String(all, (int) before, (int) (all.length - before), StandardCharsets.UTF_8);
    Matcher opened = OPENED.matcher(since);
    int inStore = 0;
    int ofTheJvm = 0;
    while (opened.find()) {
      Path path = cwd.resolve(opened.group(1)).normalize();
      if (path.startsWith(cwd.resolve("models"))) {
        inStore++;
      } else if (isOfTheJvm(opened.group(1), fatJar)) {
        ofTheJvm++;
      } else {
        throw new AssertionError("the node opened " + opened.group(1));
      }
    }
    if (inStore == 0) {
      throw new AssertionError("nothing was seen that the node must have opened");
    }
    return inStore + " of the store, " + ofTheJvm + " of the JVM, 0 others";
  }

  private static boolean isOfTheJvm(String path, Path fatJar) {
    if (!fatJar.toString().isEmpty() && path.equals(fatJar.toAbsolutePath().toString())) {
      return true;
    }
    Stream<String> classPath =
        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator));
    Stream<String> runtime = Stream.of(System.getProperty("java.home") + "/");
    return Stream.of(OF_THE_JVM.stream(), classPath, runtime)
        .flatMap(paths -> paths)
        .anyMatch(path::startsWith);
  }

  private static void requireNotLoaded(NodeProcess node, String library) throws IOException {
    if (Files.exists(Path.of("/proc/self/maps")) && node.hasMapped(library)) {
      throw new AssertionError(library + " was loaded for a hostile model");
    }
  }

  private static void requireEmptyStore(Path cwd) {
    List<Path> kept = new ArrayList<>();
    Waiting.until(
        () -> {
          kept.clear();
          try (Stream<Path> files = Files.walk(cwd.resolve("models/blobs"))) {
            files.filter(Files::isRegularFile).forEach(kept::add);
          }
          return kept.size() == 1;
        },
        "the store to hold the first model alone");
  }

  /** The node serves, and ONNX Runtime is where the check looks for it. */
  private static void requireAnswer(McpClient client, NodeProcess node) throws Exception {
    await(client.load(ModelUpload.of("good", "1", OnnxModels.add(1))));
    Tensor one = Tensor.of("a", new float[] {1});
    float[] sum =
        await(client.infer("good", one, Tensor.of("b", new float[] {2}))).first().toFloats();
    if (sum[0] != 3) {
      throw new AssertionError("1 + 2 = " + sum[0]);
    }
    if (Files.exists(Path.of("/proc/self/maps")) && !node.hasMapped("onnxruntime")) {
      throw new AssertionError("the check for ONNX Runtime looks in the wrong place");
    }
  }
}
