package io.modelcontrol.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SamplerTest {
  private static final long SEED = 42;
  private static final int DRAWS = 20_000;

  /** Probabilities 0.5, 0.25, 0.125, 0.125 at temperature 1. */
  private static final float[] HALVES = {
    (float) Math.log(0.125), (float) Math.log(0.5), (float) Math.log(0.25), (float) Math.log(0.125)
  };

  @Test
  void takesTheLowestOfTheMostLikelyAtTemperatureZero() {
    Sampler greedy = sampler(0, 0, 1);
    assertThat(greedy.sample(new float[] {1, 3, 3, 2})).isEqualTo(1);
    assertThat(greedy.sample(new float[] {-5, -3, Float.NEGATIVE_INFINITY})).isEqualTo(1);
    assertThat(greedy.sample(new float[] {Float.NaN, -1, Float.NaN})).isEqualTo(1);
  }

  @Test
  void drawsAsTheProbabilitiesSay() {
    assertThat(shares(sampler(1, 0, 1)))
        .hasSize(4)
        .hasEntrySatisfying(1, share -> assertThat(share).isBetween(0.48, 0.52))
        .hasEntrySatisfying(2, share -> assertThat(share).isBetween(0.23, 0.27))
        .hasEntrySatisfying(0, share -> assertThat(share).isBetween(0.11, 0.14));
  }

  @Test
  void topKLeavesTheMostLikely() {
    assertThat(shares(sampler(1, 2, 1)))
        .containsOnlyKeys(1, 2)
        .hasEntrySatisfying(1, share -> assertThat(share).isBetween(0.65, 0.69));
    assertThat(shares(sampler(1, 1, 1))).containsOnlyKeys(1);
    assertThat(shares(sampler(1, 1_000, 1))).hasSize(4);
  }

  @Test
  void topPLeavesTheFewestThatReachIt() {
    assertThat(shares(sampler(1, 0, 0.5))).containsOnlyKeys(1);
    assertThat(shares(sampler(1, 0, 0.7))).containsOnlyKeys(1, 2);
    assertThat(shares(sampler(1, 0, 0.8))).containsOnlyKeys(0, 1, 2);
  }

  @Test
  void aHighTemperatureMakesAllAlike() {
    assertThat(shares(sampler(100, 0, 1)).values())
        .allSatisfy(share -> assertThat(share).isBetween(0.22, 0.28));
  }

  @Test
  void theSameSeedDrawsTheSame() {
    Sampler one = sampler(1, 0, 1);
    Sampler other = sampler(1, 0, 1);
    for (int i = 0; i < 1_000; i++) {
      assertThat(one.sample(HALVES)).isEqualTo(other.sample(HALVES));
    }
  }

  @Test
  void logitsThatAreNoNumbersFail() {
    for (float bad : new float[] {Float.NaN, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY}) {
      assertThatThrownBy(() -> sampler(1, 0, 1).sample(new float[] {bad, bad}))
          .isInstanceOfSatisfying(
              McpException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.RUNTIME_FAILURE));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "max-tokens,1000001",
    "max-tokens,1.5",
    "temperature,100.1",
    "temperature,NaN",
    "temperature,1e3",
    "top-k,-1",
    "top-k,99999999999999999999",
    "top-p,1.01",
    "seed,12345678901234567890",
    "stop-tokens,'1,'",
    "stop-tokens,-3"
  })
  void aBadParameterIsNamed(String key, String value) {
    assertThatThrownBy(() -> GenerateOptions.of(Map.of(key, value)))
        .hasMessageContaining("parameter " + key)
        .isInstanceOfSatisfying(
            McpException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT));
  }

  @Test
  void withoutParametersItIsGreedyAndBounded() {
    GenerateOptions options = GenerateOptions.of(Map.of("seed", "-7", "stop-tokens", "2,13"));
    assertThat(options).isEqualTo(new GenerateOptions(256, 0, 0, 1, -7, Set.of(2L, 13L)));
  }

  private static Map<Integer, Double> shares(Sampler sampler) {
    Map<Integer, Double> shares = new TreeMap<>();
    for (int i = 0; i < DRAWS; i++) {
      shares.merge(sampler.sample(HALVES), 1.0 / DRAWS, Double::sum);
    }
    return shares;
  }

  private static Sampler sampler(double temperature, int topK, double topP) {
    return new Sampler(new GenerateOptions(1, temperature, topK, topP, SEED, Set.of()));
  }
}
