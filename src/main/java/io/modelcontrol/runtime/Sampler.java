package io.modelcontrol.runtime;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Chooses a token by its logits: the most likely one at temperature 0, else at random among those
 * that top-k and top-p leave. The same seed and logits give the same tokens. Not thread-safe.
 */
final class Sampler {
  private final double temperature;
  private final int topK;
  private final double topP;
  private final SplittableRandom random;

  Sampler(GenerateOptions options) {
    temperature = options.temperature();
    topK = options.topK();
    topP = options.topP();
    random = new SplittableRandom(options.seed());
  }

  /**
   * The next token.
   *
   * @param logits one for each token of the vocabulary; what is not a number is never chosen
   * @throws McpException RUNTIME_FAILURE if no logit is a number
   */
  int sample(float[] logits) {
    int best = mostLikely(logits);
    if (temperature == 0 || topK == 1) {
      return best;
    }
    long[] candidates = candidates(logits);
    int count = topK == 0 ? candidates.length : Math.min(topK, candidates.length);
    double[] weights = weights(logits, candidates, count);
    return token(candidates[draw(weights)]);
  }

  /** The lowest of the tokens that have the highest logit. */
  private static int mostLikely(float[] logits) {
    int best = -1;
    for (int i = 0; i < logits.length; i++) {
      if (!Float.isNaN(logits[i]) && (best < 0 || logits[i] > logits[best])) {
        best = i;
      }
    }
    if (best < 0 || Float.isInfinite(logits[best])) {
      throw McpException.streamError(
          ErrorCode.RUNTIME_FAILURE, "the model's logits are not finite numbers");
    }
    return best;
  }

  /**
   * The tokens, most likely first; of equal ones the lowest first. Each is one number to sort: its
   * logit in an order of integers, inverted, above its id.
   */
  private static long[] candidates(float[] logits) {
    long[] keys = new long[logits.length];
    int count = 0;
    for (int i = 0; i < logits.length; i++) {
      if (!Float.isNaN(logits[i])) {
        int bits = Float.floatToIntBits(logits[i] + 0f);
        int ordered = bits ^ ((bits >> 31) & 0x7FFFFFFF);
        keys[count++] = (long) ~ordered << Integer.SIZE | i;
      }
    }
    long[] sorted = count == keys.length ? keys : Arrays.copyOf(keys, count);
    Arrays.sort(sorted);
    return sorted;
  }

  private static int token(long candidate) {
    return (int) candidate;
  }

  /** Softmax of the first candidates, cut where top-p is reached; not normalized after the cut. */
  private double[] weights(float[] logits, long[] candidates, int count) {
    double highest = logits[token(candidates[0])];
    double[] weights = new double[count];
    double sum = 0;
    for (int i = 0; i < count; i++) {
      weights[i] = Math.exp((logits[token(candidates[i])] - highest) / temperature);
      sum += weights[i];
    }
    double reached = 0;
    for (int i = 0; i < count; i++) {
      reached += weights[i];
      if (reached >= topP * sum) {
        return Arrays.copyOf(weights, i + 1);
      }
    }
    return weights;
  }

  private int draw(double[] weights) {
    double left = random.nextDouble() * Arrays.stream(weights).sum();
    for (int i = 0; i < weights.length; i++) {
      left -= weights[i];
      if (left < 0) {
        return i;
      }
    }
    return 0;
  }
}
