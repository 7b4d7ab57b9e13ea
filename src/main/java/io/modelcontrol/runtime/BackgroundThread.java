package io.modelcontrol.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the operating system put a thread behind all that serve. Java's own priorities do nothing on
 * Linux; there each thread has a nice value of its own, and anybody may raise it.
 */
final class BackgroundThread {
  private static final Logger LOG = LoggerFactory.getLogger(BackgroundThread.class);

  /** A link to {@code PID/task/TID}; only Linux has it. */
  private static final Path THREAD = Path.of("/proc/thread-self");

  private static final String NICE = "15";
  private static final long WAIT_SECONDS = 5;

  private static final ThreadLocal<Boolean> ASKED = ThreadLocal.withInitial(() -> false);

  private BackgroundThread() {}

  /** Puts the calling thread back for the rest of its life. Blocks for milliseconds, once. */
  @SuppressWarnings("ThreadPriorityCheck") // a request; nothing relies on it
  static void becomeOne() {
    if (ASKED.get()) {
      return;
    }
    ASKED.set(true);
    Thread.currentThread().setPriority(Thread.MIN_PRIORITY);
    try {
      if (Files.isSymbolicLink(THREAD)) {
        renice(Files.readSymbolicLink(THREAD).getFileName().toString());
      }
    } catch (IOException e) {
      LOG.debug("Loads run at the priority of all threads", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void renice(String thread) throws IOException, InterruptedException {
    Process renice =
        new ProcessBuilder("renice", "-n", NICE, "-p", thread)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    if (!renice.waitFor(WAIT_SECONDS, TimeUnit.SECONDS)) {
      renice.destroyForcibly();
    }
  }
}
