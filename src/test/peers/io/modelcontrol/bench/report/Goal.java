package io.modelcontrol.bench.report;

import io.vertx.core.json.JsonObject;
import java.util.OptionalDouble;

/**
 * What a figure has to be.
 *
 * @param reading null for what is not built yet
 */
record Goal(String what, String text, Bound bound, double limit, Reading reading) {

  /** On which side of the limit it is good. */
  enum Bound {
    AT_LEAST,
    AT_MOST;

    boolean holds(double value, double limit) {
      return this == AT_LEAST ? value >= limit : value <= limit;
    }
  }

  /**
   * Where the project stands.
   *
   * @param reached empty if nothing was measured
   */
  record Standing(Goal goal, OptionalDouble reached) {
    String verdict() {
      if (goal.reading() == null) {
        return "not built";
      }
      if (reached.isEmpty()) {
        return "not measured";
      }
      return goal.bound().holds(reached.getAsDouble(), goal.limit()) ? "yes" : "no";
    }

    String figure() {
      return reached.isEmpty() ? "" : Numbers.text(reached.getAsDouble());
    }

    JsonObject toJson() {
      return new JsonObject()
          .put("what", goal.what())
          .put("goal", goal.text())
          .put("limit", goal.limit())
          .put("reached", reached.isEmpty() ? null : reached.getAsDouble())
          .put("verdict", verdict());
    }
  }

  Standing standing(Results results) {
    return new Standing(this, reading == null ? OptionalDouble.empty() : reading.of(results));
  }
}
