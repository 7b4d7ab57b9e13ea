package io.modelcontrol.testing;

import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetectorFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;

/**
 * Makes every leak that Netty's detector finds fail the build. Leaks are written to a file beside
 * the test reports, which the build searches for {@code LEAK:} after the tests; an exception thrown
 * here would not reach it.
 *
 * <p>Netty tells of a leak only when a buffer is garbage and another one is tracked. So after the
 * last test the garbage is collected, and each detector is given one more thing to track.
 */
public final class LeakGuard implements LauncherSessionListener {

  /** Where the build wants to read of leaks; it sets none where nobody would read it. */
  private static final Optional<Path> REPORT =
      Optional.ofNullable(System.getProperty("modelcontrol.leakReport")).map(Path::of);

  /** A collection finds most garbage at once; what hangs on a finished thread takes another. */
  private static final int COLLECTIONS = 4;

  private static final long COLLECTION_MS = 1_000;

  private static final Queue<String> LEAKS = new ConcurrentLinkedQueue<>();
  private static final List<RecordingDetector<?>> DETECTORS = new CopyOnWriteArrayList<>();

  @Override
  public void launcherSessionOpened(LauncherSession session) {
    ResourceLeakDetectorFactory.setResourceLeakDetectorFactory(new RecordingFactory());
    REPORT.ifPresent(LeakGuard::delete);
  }

  @Override
  public void launcherSessionClosed(LauncherSession session) {
    for (int i = 0; i < COLLECTIONS; i++) {
      collectGarbage();
      DETECTORS.forEach(RecordingDetector::poll);
    }
    if (!LEAKS.isEmpty()) {
      report();
    }
  }

  /**
   * Asks until something that is garbage has been seen to go, through the queue leaks go through.
   */
  private static void collectGarbage() {
    var gone = new ReferenceQueue<>();
    var canary = new WeakReference<>(new Object(), gone);
    try {
      do {
        System.gc();
      } while (gone.remove(COLLECTION_MS) == null);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      Reference.reachabilityFence(canary);
    }
  }

  private static void report() {
    LEAKS.forEach(System.err::println);
    REPORT.ifPresent(LeakGuard::write);
  }

  private static void write(Path report) {
    try {
      Files.createDirectories(report.getParent());
      Files.write(report, LEAKS);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path report) {
    try {
      Files.deleteIfExists(report);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static final class RecordingFactory extends ResourceLeakDetectorFactory {
    @Override
    public <T> ResourceLeakDetector<T> newResourceLeakDetector(
        Class<T> resource, int samplingInterval) {
      var detector = new RecordingDetector<T>(resource, samplingInterval);
      DETECTORS.add(detector);
      return detector;
    }

    @Override
    @Deprecated
    @SuppressWarnings("InlineMeSuggester")
    public <T> ResourceLeakDetector<T> newResourceLeakDetector(
        Class<T> resource, int samplingInterval, long maxActive) {
      return newResourceLeakDetector(resource, samplingInterval);
    }
  }

  private static final class RecordingDetector<T> extends ResourceLeakDetector<T> {
    RecordingDetector(Class<T> resource, int samplingInterval) {
      super(resource, samplingInterval);
    }

    /** Tracks one thing and closes it: on the way Netty looks for what was not closed. */
    void poll() {
      // The detector only keeps a weak reference to it, so that any object does.
      @SuppressWarnings("unchecked")
      T probe = (T) new Object();
      trackForcibly(probe).close(probe);
    }

    /** Whatever the log level is. */
    @Override
    protected boolean needReport() {
      return true;
    }

    @Override
    protected void reportTracedLeak(String type, String records) {
      LEAKS.add("LEAK: " + type + records);
    }

    @Override
    protected void reportUntracedLeak(String type) {
      LEAKS.add("LEAK: " + type);
    }
  }
}
