package io.modelcontrol;

import java.util.EnumSet;
import java.util.Set;

/**
 * The life of one version of a model on a node; the wire carries the constant's name. Contract 4.
 *
 * <p>While a version serves and its process is replaced, it is told of as {@link #LOADING}, and as
 * {@link #FAILED} once it is not replaced any more; its own state stays what it is.
 */
public enum ModelState {
  /** Content is complete; the runtime is being prepared. The first state. */
  LOADING,
  /** Loaded; recorded requests are replayed, no others come. */
  WARMING,
  /** Gets a share of the requests that name no version, until it is judged. */
  CANARY,
  /** Gets copies of requests; its answers are compared and never sent. */
  SHADOW,
  /** Serves requests: those that name it and, if it is the active version, all others. */
  READY,
  /** Takes no new request; those in flight, and open streams, finish. */
  DRAINING,
  /** Its last user is gone and its runtime closed. Nothing leads out; it is not listed. */
  RETIRED,
  /** The runtime refused it, or an update took it back. */
  FAILED;

  /** The states that may follow; the table that the guide's diagram is compared with. */
  public Set<ModelState> next() {
    return switch (this) {
      case LOADING -> EnumSet.of(WARMING, READY, FAILED);
      case WARMING -> EnumSet.of(CANARY, SHADOW, READY, FAILED);
      case CANARY, SHADOW -> EnumSet.of(READY, FAILED);
      case READY -> EnumSet.of(DRAINING, FAILED);
      case FAILED -> EnumSet.of(DRAINING);
      case DRAINING -> EnumSet.of(RETIRED);
      case RETIRED -> EnumSet.noneOf(ModelState.class);
    };
  }

  /** Whether requests that name the version are taken. */
  public boolean canServe() {
    return this == READY || this == CANARY || this == SHADOW;
  }
}
