package io.modelcontrol.bench.report;

import java.util.Map;

/** One of those that are compared. */
@FunctionalInterface
public interface Contender {
  /**
   * Measures once.
   *
   * @param first whether this process has not run it before, so that it has to be warmed up longer
   */
  Map<Figure, Double> measure(boolean first) throws Exception;

  /** Gives up what was kept between two rounds. */
  default void close() throws Exception {}
}
