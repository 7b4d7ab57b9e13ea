package io.modelcontrol.isolation;

import io.modelcontrol.runtime.Background;
import io.modelcontrol.runtime.ModelHostOptions;
import io.modelcontrol.runtime.QuietProcessor;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

/**
 * A JVM for a model: its process, its folder and its limits, which go with it. It ends by itself
 * when the node does, because its standard input ends then.
 */
final class Jvm {
  /** What the process said last, in characters: for the log when it ends badly. */
  private static final int KEPT_OUTPUT = 400;

  private static final int SIGNALED = 128;
  private static final int SIGKILL = 9;

  private final Process process;
  private final Path folder;
  private final CompletableFuture<Void> listening = new CompletableFuture<>();
  private final CompletableFuture<Void> ended;
  private final StringBuilder output = new StringBuilder();
  private final QuietProcessor place;
  private final AtomicBoolean atWork = new AtomicBoolean();

  private Jvm(Process process, Path folder, MemoryGroup group, QuietProcessor place) {
    this.process = process;
    this.folder = folder;
    this.place = place;
    Thread reader = new Thread(this::read, "mcp-process-output");
    reader.setDaemon(true);
    reader.start();
    this.ended =
        process
            .onExit()
            .thenRun(
                () -> {
                  rests();
                  group.remove();
                  delete(folder);
                });
    works();
  }

  /** Starts a process in a folder of its own, which nobody else may enter. */
  static Jvm start(ModelHostOptions options, List<String> jvmWords) throws IOException {
    Path folder = Files.createTempDirectory("mcp-" + ProcessHandle.current().pid() + "-");
    MemoryGroup group = MemoryGroup.create(options.getProcessMemoryBytes());
    QuietProcessor place = QuietProcessor.next();
    try {
      Path empty = Files.createDirectory(folder.resolve("empty"));
      Path temporary = Files.createDirectory(folder.resolve("tmp"));
      JvmCommand command = new JvmCommand(options, jvmWords);
      ProcessBuilder builder =
          new ProcessBuilder(command.words(folder.resolve("s"), temporary, group, place));
      builder.directory(empty.toFile()).redirectErrorStream(true);
      JvmCommand.scrub(builder.environment());
      return new Jvm(builder.start(), folder, group, place);
    } catch (IOException e) {
      group.remove();
      delete(folder);
      throw e;
    }
  }

  /** Where it listens: short, because the path of a socket has 107 bytes at most. */
  Path socket() {
    return folder.resolve("s");
  }

  /**
   * Waits until the process listens. It has nothing to do then.
   *
   * @throws ProcessEndedException if it ended, or did not listen in time
   */
  void awaitListening(long limitMs) {
    try {
      listening.orTimeout(limitMs, TimeUnit.MILLISECONDS).join();
      rests();
    } catch (CompletionException e) {
      kill();
      throw new ProcessEndedException(howItEnded());
    }
  }

  /** It has work that nobody shall wait for: it starts, or loads a model. */
  void works() {
    if (atWork.compareAndSet(false, true)) {
      place.enter();
    }
    if (!process.isAlive()) {
      rests();
    }
  }

  private void rests() {
    if (atWork.compareAndSet(true, false)) {
      place.leave();
    }
  }

  /** It serves from now on, and may use all processors. */
  void serves() {
    QuietProcessor.giveAll(process.pid());
    Background.bringForward(process.pid());
    rests();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** It does not do what it is told to, and may use no more than one. */
  void disobeys() {
    place.keepProcess(process.pid());
  }

  void onEnd(Runnable action) {
    ended.thenRun(action);
  }

  void kill() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }

  /**
   * Ends its input, which ends it.
   *
   * @throws ProcessEndedException if it does not end in time, or badly
   */
  void end(long limitMs) {
    try {
      process.getOutputStream().close();
      if (process.waitFor(limitMs, TimeUnit.MILLISECONDS) && process.exitValue() == 0) {
        return;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw new ProcessEndedException(howItEnded());
  }

  String howItEnded() {
    if (process.isAlive()) {
      return "it is being killed";
    }
    int code = process.exitValue();
    String how =
        code == SIGNALED + SIGKILL
            ? "killed, by this node or because its memory was used up"
            : code > SIGNALED ? "signal " + (code - SIGNALED) : "exit code " + code;
    synchronized (output) {
      return output.length() == 0 ? how : how + ", it said last: " + output;
    }
  }

  /** One byte says that it listens; the rest is only kept for the log. */
  private void read() {
    byte[] piece = new byte[4096];
    try (InputStream in = process.getInputStream()) {
      for (int length = in.read(piece); length >= 0; length = in.read(piece)) {
        String text = new String(piece, 0, length, StandardCharsets.US_ASCII);
        if (text.indexOf(RuntimeProcessMain.LISTENING) >= 0) {
          listening.complete(null);
        }
        keep(text);
      }
      listening.completeExceptionally(new IOException("it has ended"));
    } catch (IOException e) {
      listening.completeExceptionally(e);
    }
  }

  /** A model may have written it: nothing but printable characters goes to the log. */
  private void keep(String text) {
    synchronized (output) {
      output.append(text.replaceAll("[^ -~]+", " "));
      output.delete(0, Math.max(0, output.length() - KEPT_OUTPUT));
    }
  }

  /** Removes a process's folder with all that is in it. */
  static void delete(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      List<Path> all = files.sorted(Comparator.reverseOrder()).toList();
      for (Path file : all) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      // What cannot be removed is in the folder for temporary files, which is emptied in time.
      folder.toFile().deleteOnExit();
    }
  }
}
