package io.modelcontrol.isolation;

import io.modelcontrol.runtime.Background;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps processes of models to one processor, by {@code taskset}: while they start, and when they
 * do not obey. A starting JVM has several threads that wake up all the time, and who serves and
 * wakes up where one of them runs waits for milliseconds, whatever their priorities are; if that
 * happens on one processor only, there is another one to wake up on. Linux only; elsewhere, and
 * where the node has one processor, nothing is done.
 */
final class Processors {
  private static final Logger LOG = LoggerFactory.getLogger(Processors.class);
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final String ALLOWED = "Cpus_allowed_list:";
  private static final AtomicInteger NEXT = new AtomicInteger();

  private Processors() {}

  /** One of the upper half of the node's processors, each in its turn; empty if all are needed. */
  static String one() {
    return one(numbers(allowed()), NEXT.getAndIncrement());
  }

  static String one(List<Integer> all, int turn) {
    if (all.size() < 2) {
      return "";
    }
    List<Integer> upper = all.subList((all.size() + 1) / 2, all.size());
    return upper.get(Math.floorMod(turn, upper.size())).toString();
  }

  /** Has a process keep to one of them, with all its threads. Blocks for milliseconds. */
  static void keepToOne(long pid) {
    String one = one();
    if (!one.isEmpty()) {
      give(pid, one);
    }
  }

  /** Gives a process all that the node has. Blocks for milliseconds. */
  static void giveAll(long pid) {
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
