package io.modelcontrol.proof;

import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.Random;

/**
 * What a proof was asked to do.
 *
 * @param count how much of it; empty where nobody said, and the proof's own default holds
 * @param seed what its randomness starts from, printed before the proof runs
 * @param fatJar the fat jar that this build made, for proofs that start processes
 */
public record ProofArgs(OptionalInt count, long seed, Path fatJar) {

  static final String DEFAULT_COUNT = "default";
  static final String RANDOM_SEED = "random";

  static ProofArgs parse(String count, String seed) {
    return new ProofArgs(
        count.equals(DEFAULT_COUNT) ? OptionalInt.empty() : OptionalInt.of(positive(count)),
        seed.equals(RANDOM_SEED) ? new Random().nextLong() : Long.parseLong(seed),
        Path.of(System.getProperty("modelcontrol.fatJar", "")));
  }

  private static int positive(String count) {
    int value = Integer.parseInt(count);
    if (value <= 0) {
      throw new IllegalArgumentException("proof.count " + count + " is not positive");
    }
    return value;
  }

  /** The count that was asked for, or else this one. */
  public int countOr(int fallback) {
    return count.orElse(fallback);
  }
}
