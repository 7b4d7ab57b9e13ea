package io.modelcontrol.bench.session;

import com.sun.management.ThreadMXBean;
import io.modelcontrol.bench.echo.Echo;
import io.modelcontrol.bench.echo.Load;
import io.modelcontrol.bench.report.Figure;
import io.modelcontrol.bench.report.Plan;
import java.lang.management.ManagementFactory;
import java.util.EnumMap;
import java.util.Map;

/**
 * What requests allocate on the server's thread, all of it: the server has one event loop, its
 * handler runs there, and the client is on another.
 */
final class Allocation {
  static final int PAYLOAD_BYTES = 64;
  static final int IN_FLIGHT = 64;
  private static final long WARM_MILLIS = 3_000;

  private static final Load.Warmup NONE = new Load.Warmup(0, 0);

  /** Requests between two readings of the counter. */
  private static final int STEP = 1024;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private long requests;
  private volatile Reading last = new Reading(0, 0);

  /** So many bytes were allocated when so many requests had come. */
  private record Reading(long requests, long bytes) {}

  /** Starts a server that tells of each request, and connects to it. */
  @FunctionalInterface
  interface Opener {
    Echo open(Allocation allocation) throws Exception;
  }

  /** A request has come; called on the server's thread. */
  void onRequest() {
    if (++requests % STEP == 0) {
      last = new Reading(requests, THREADS.getCurrentThreadAllocatedBytes());
    }
  }

  static Map<Figure, Double> measure(Plan plan, Opener opener) throws Exception {
    Allocation allocation = new Allocation();
    try (Echo echo = opener.open(allocation)) {
      Load.measure(echo, PAYLOAD_BYTES, IN_FLIGHT, NONE, WARM_MILLIS);
      Reading before = allocation.last;
      Load.measure(echo, PAYLOAD_BYTES, IN_FLIGHT, NONE, plan.millis());
      Reading after = allocation.last;
      double bytes = after.bytes - before.bytes;
      Map<Figure, Double> figures = new EnumMap<>(Figure.class);
      figures.put(Figure.ALLOCATED_BYTES, bytes / Math.max(1, after.requests - before.requests));
      return figures;
    }
  }
}
