package io.modelcontrol.bench.report;

import java.util.Map;

/** One of those that are compared. */
@FunctionalInterface
public interface Contender {
  /**
   * Measures once, from a fresh start, and leaves nothing behind.
   *
   * @param first whether this process has not run it before, so that it has to be warmed up longer
   */
  Map<Figure, Double> measure(boolean first) throws Exception;
}
