package io.modelcontrol.testing;

/** The outcome of a case, in the words of the pack's table. */
public enum CaseVerdict {
  /** Loads, runs, agrees. */
  PASS,
  /** The model is refused with MODEL_REJECTED. */
  LOAD_FAIL,
  /** An element type at the graph's edge is refused with UNSUPPORTED_DTYPE. */
  JAVA_DTYPE,
  /** A sequence, map or optional at the graph's edge is refused with UNSUPPORTED_DTYPE. */
  NONTENSOR,
  /** Runs, with other results than published. */
  MISMATCH,
  /** Loads and fails while it runs. */
  RUN_FAIL
}
