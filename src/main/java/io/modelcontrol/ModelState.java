package io.modelcontrol;

/**
 * The life of one version of a model on a node; the wire carries the constant's name. Contract 4.
 */
public enum ModelState {
  /** Content is complete; the runtime is being prepared. */
  LOADING,
  /** Serves requests. */
  READY,
  /** Takes no new request; those in flight finish. */
  DRAINING,
  /** The runtime refused or lost it. */
  FAILED
}
