package io.modelcontrol.telemetry;

import io.vertx.core.Vertx;
import io.vertx.core.shareddata.Shareable;
import java.util.function.LongSupplier;

/**
 * Takes what the parts of a node tell; one for each Vert.x. Its methods are called on any thread,
 * event loops among them, and do not block.
 */
@FunctionalInterface
public interface Telemetry extends Shareable {
  /** Tells nobody, and looks at nothing. */
  Telemetry NONE =
      new Telemetry() {
        @Override
        public Activity start(Operation operation, TraceContext parentOrNull) {
          return Activity.NONE;
        }

        @Override
        public Activity start(Operation operation, String traceparent, String tracestate) {
          return Activity.NONE;
        }
      };

  /** Begins a piece of work. */
  Activity start(Operation operation, TraceContext parentOrNull);

  /** Begins a piece of work for a message with these fields, each of which may be null. */
  default Activity start(Operation operation, String traceparent, String tracestate) {
    return start(operation, TraceContext.of(traceparent, tracestate));
  }

  /** Counts what has happened. */
  default void count(Happening happening) {}

  /** Takes where a level is read from now on; the last one counts. Read on any thread. */
  default void watch(Level level, LongSupplier bytes) {}

  /** Requests ran as one. */
  default void batched(String model, int rows) {}

  /** Buffers in which workers join inputs were made, or freed. */
  default void gathering(long bytes) {}

  /** Counts the frames of all sessions. */
  default Traffic traffic() {
    return Traffic.NONE;
  }

  /** What was installed for a Vert.x; {@link #NONE} before. */
  static Telemetry of(Vertx vertx) {
    return Installed.in(vertx).getOrDefault(Installed.KEY, NONE);
  }

  /** Installs; before the verticles are deployed, as each asks once. */
  static void install(Vertx vertx, Telemetry telemetry) {
    Installed.in(vertx).put(Installed.KEY, telemetry);
  }
}
