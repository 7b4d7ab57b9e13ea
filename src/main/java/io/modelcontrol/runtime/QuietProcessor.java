package io.modelcontrol.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A processor to which work is kept that nobody shall wait for: loads, and processes of models
 * while they start. Where a thread of such work was chosen for a processor, one that serves and is
 * queued there waits until the next tick of the kernel, for milliseconds, whatever the priorities
 * are, and even if another processor has nothing to do. So that happens on one processor only; and
 * while there is such work, a thread wakes up there so often that the kernel chooses anew twice in
 * each millisecond. Linux only, by {@code taskset}; elsewhere, and where the node has one
 * processor, there is none. Thread-safe.
 */
public final class QuietProcessor {
  private static final Logger LOG = LoggerFactory.getLogger(QuietProcessor.class);
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final String ALLOWED = "Cpus_allowed_list:";
  private static final long TICK_NANOS = TimeUnit.MICROSECONDS.toNanos(500);

  /** Of a node that has no such processor. */
  static final QuietProcessor NONE = new QuietProcessor("");

  private static final AtomicInteger NEXT = new AtomicInteger();
  private static final Map<String, QuietProcessor> ALL = new ConcurrentHashMap<>();

  private final String number;
  private final Thread ticker;
  private int users;

  private QuietProcessor(String number) {
    this.number = number;
    this.ticker = new Thread(this::tick, "mcp-tick-" + number);
  }

  /**
   * One of the upper half of the node's processors, each in its turn. The first time it starts a
   * thread, which inherits the priority of the calling one.
   */
  public static QuietProcessor next() {
    String number = one(numbers(allowed()), NEXT.getAndIncrement());
    return number.isEmpty() ? NONE : ALL.computeIfAbsent(number, QuietProcessor::started);
  }

  private static QuietProcessor started(String number) {
    QuietProcessor processor = new QuietProcessor(number);
    processor.ticker.setDaemon(true);
    processor.ticker.start();
    return processor;
  }

  static String one(List<Integer> all, int turn) {
    if (all.size() < 2) {
      return "";
    }
    List<Integer> upper = all.subList((all.size() + 1) / 2, all.size());
    return upper.get(Math.floorMod(turn, upper.size())).toString();
  }

  /** As the kernel counts it; empty if there is none. */
  public String number() {
    return number;
  }

  /** Work begins here. */
  public synchronized void enter() {
    users++;
    if (users == 1) {
      LockSupport.unpark(ticker);
    }
  }

  /** Work that has begun here ends. */
  public synchronized void leave() {
    users--;
  }

  private synchronized boolean isUsed() {
    return users > 0;
  }

  private void tick() {
    keepThread(Background.ownNumber());
    while (true) {
      if (isUsed()) {
        LockSupport.parkNanos(TICK_NANOS);
      } else {
        LockSupport.park();
      }
    }
  }

  /** Keeps a thread here, for ever. Blocks for milliseconds. */
  void keepThread(String thread) {
    if (!number.isEmpty() && !thread.isEmpty()) {
      Background.ask("taskset", "-c", "-p", number, thread);
    }
  }

  /** Keeps a process here, with all its threads. Blocks for milliseconds. */
  public void keepProcess(long pid) {
    if (!number.isEmpty()) {
      give(pid, number);
    }
  }

  /** Gives a process all processors that the node has. Blocks for milliseconds. */
  public static void giveAll(long pid) {
    String all = allowed();
    if (numbers(all).size() > 1) {
      give(pid, all);
    }
  }

  private static void give(long pid, String processors) {
    Background.ask("taskset", "-a", "-c", "-p", processors, Long.toString(pid));
  }

  /** As the kernel writes it, such as {@code 0-3,8}; empty if nobody knows. */
  private static String allowed() {
    try {
      for (String line : Files.readAllLines(STATUS)) {
        if (line.startsWith(ALLOWED)) {
          return line.substring(ALLOWED.length()).strip();
        }
      }
    } catch (IOException e) {
      LOG.debug("The processors of this node are not known", e);
    }
    return "";
  }

  /** The numbers of a list of processors. */
  static List<Integer> numbers(String list) {
    List<Integer> numbers = new ArrayList<>();
    if (list.isEmpty()) {
      return numbers;
    }
    for (String range : list.split(",", -1)) {
      String[] ends = range.split("-", -1);
      int last = Integer.parseInt(ends[ends.length - 1]);
      for (int number = Integer.parseInt(ends[0]); number <= last; number++) {
        numbers.add(number);
      }
    }
    return numbers;
  }
}
