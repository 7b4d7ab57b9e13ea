package io.modelcontrol.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the operating system put threads and processes behind all that serve. Java's own priorities
 * do nothing on Linux. There a nice value decides who gets more time, but not who waits for whom: a
 * thread that wakes up may wait for milliseconds until a nice one has used its slice. The policy
 * {@code SCHED_IDLE} gives way, most often at once; in exchange it gets nearly nothing while others
 * want all processors, and only who is privileged can leave it.
 */
public final class Background {
  private static final Logger LOG = LoggerFactory.getLogger(Background.class);

  /** A link to {@code PID/task/TID}; only Linux has it. */
  private static final Path THREAD = Path.of("/proc/thread-self");

  private static final String NICE = "15";
  private static final long WAIT_SECONDS = 5;

  /** Time of all processors since the machine's start, by kinds. */
  private static final Path PROCESSORS = Path.of("/proc/stat");

  /** The kinds that are work of others: not nice, idle, waiting for disks, or of guests. */
  private static final int[] OTHERS = {0, 2, 5, 6, 7};

  private static final int KINDS = 8;

  /** Beyond this share in use by others, what is left is not enough to get anywhere. */
  private static final double SATURATED = 0.9;

  private static final long MEASURED_NANOS = TimeUnit.SECONDS.toNanos(1);

  /**
   * Who starts the commands. Java has a thread wait for each process, which inherits the priority
   * of who starts it, and is used for other processes afterwards: so that is no thread that was put
   * back. It is made before the first one is, and so is the thread of the JDK for timeouts.
   */
  private static final ThreadPoolExecutor ASKER =
      new ThreadPoolExecutor(
          1, 1, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), Background::thread);

  static {
    ASKER.prestartCoreThread();
    CompletableFuture.delayedExecutor(0, TimeUnit.NANOSECONDS).execute(() -> {});
  }

  /** Of threads that were put back. */
  private static final ThreadLocal<QuietProcessor> PLACE = new ThreadLocal<>();

  private static long measuredNanos = System.nanoTime() - MEASURED_NANOS;
  private static long others;
  private static long all;
  private static boolean saturated;

  private Background() {}

  private static Thread thread(Runnable work) {
    Thread thread = new Thread(work, "mcp-priorities");
    thread.setDaemon(true);
    return thread;
  }

  /** Whether there are hardly any processors left for those who take what others leave. */
  static synchronized boolean isSaturated() {
    long now = System.nanoTime();
    if (now - measuredNanos > MEASURED_NANOS) {
      measuredNanos = now;
      try {
        measure(Files.readString(PROCESSORS));
      } catch (IOException e) {
        LOG.debug("How busy the processors are is not known", e);
      }
    }
    return saturated;
  }

  /** Since the last time; what is nice or idle itself does not keep others from anything. */
  private static void measure(String stat) {
    long[] times =
        stat
            .lines()
            .findFirst()
            .map(line -> line.substring(line.indexOf(' ')).strip().split(" "))
            .stream()
            .flatMap(Arrays::stream)
            .limit(KINDS)
            .mapToLong(Long::parseLong)
            .toArray();
    if (times.length < KINDS) {
      return;
    }
    long newOthers = Arrays.stream(OTHERS).mapToLong(kind -> times[kind]).sum();
    long newAll = Arrays.stream(times).sum();
    saturated = newOthers - others > SATURATED * (newAll - all);
    others = newOthers;
    all = newAll;
  }

  /**
   * Puts the calling thread back for the rest of its life. Blocks for milliseconds, once.
   *
   * @param leftover whether it takes nothing but what others leave, and keeps to one processor
   * @return the processor that it keeps to, or none
   */
  @SuppressWarnings("ThreadPriorityCheck") // a request; nothing relies on it
  static QuietProcessor putBackThread(boolean leftover) {
    QuietProcessor place = PLACE.get();
    if (place != null) {
      return place;
    }
    // Before: what it starts inherits the priority of this thread.
    place = leftover ? QuietProcessor.next() : QuietProcessor.NONE;
    PLACE.set(place);
    Thread.currentThread().setPriority(Thread.MIN_PRIORITY);
    String thread = ownNumber();
    if (!thread.isEmpty()) {
      place.keepThread(thread);
      // Nice as well, so that its time is not counted as that of others.
      ask("renice", "-n", NICE, "-p", thread);
      if (leftover) {
        ask("chrt", "--idle", "--pid", "0", thread);
      }
    }
    return place;
  }

  /** The number that the system gave to the calling thread; empty if it is not known. */
  static String ownNumber() {
    try {
      return Files.isSymbolicLink(THREAD)
          ? Files.readSymbolicLink(THREAD).getFileName().toString()
          : "";
    } catch (IOException e) {
      LOG.debug("The number of a thread is not known", e);
      return "";
    }
  }

  /**
   * Whether a process that is nice may take what others leave while it starts: it has to be able to
   * leave that again, and to get anywhere.
   */
  public static boolean mayTakeLeftovers() {
    return !isSaturated() && Privilege.CAN_RETURN;
  }

  /** Has a process leave {@code SCHED_IDLE}. Blocks for milliseconds. */
  public static void bringForward(long pid) {
    ask("chrt", "-a", "-o", "-p", "0", Long.toString(pid));
  }

  /** Tried once, by a process that is put back and returns. */
  private static final class Privilege {
    static final boolean CAN_RETURN =
        ask("nice", "sh", "-c", "chrt -i -p 0 $$ && chrt -a -o -p 0 $$");
  }

  /**
   * Runs a command of the operating system. Blocks until it has ended.
   *
   * @return whether it did what it was asked for
   */
  public static boolean ask(String... command) {
    return CompletableFuture.supplyAsync(() -> run(command), ASKER).join();
  }

  private static boolean run(String... command) {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (process.waitFor(WAIT_SECONDS, TimeUnit.SECONDS)) {
        return process.exitValue() == 0;
      }
      process.destroyForcibly();
    } catch (IOException e) {
      LOG.debug("There is no command to change a priority", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return false;
  }
}
