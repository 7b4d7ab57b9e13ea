package io.modelcontrol.proof;

/** Something the project claims, shown by running it. Named in {@link ProofMain}. */
@FunctionalInterface
public interface Proof {

  /**
   * Runs the proof on the caller's thread until it is done.
   *
   * @return the figures that were measured, on one line
   * @throws AssertionError if the claim does not hold
   * @throws Exception if the proof could not be run, which fails it as well
   */
  String run(ProofArgs args) throws Exception;
}
