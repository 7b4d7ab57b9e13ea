package io.modelcontrol.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.modelcontrol.McpException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UpdatePolicyTest {
  @Test
  void takesOverAtOnceUnlessToldOtherwise() {
    assertThat(UpdatePolicy.of(Map.of("preprocess", "x")).kind()).isEqualTo(UpdatePolicy.Kind.ALL);
  }

  @Test
  void aCanaryOfIdentitiesHasNoShareOfTheOthers() {
    UpdatePolicy policy =
        UpdatePolicy.of(Map.of("update.policy", "canary", "update.identities", "edge-1, edge-2"));
    assertThat(policy.sharePercent()).isZero();
    assertThat(policy.identities()).containsExactly("edge-1", "edge-2");
  }

  @Test
  void theRuntimeGetsNothingOfIt() {
    assertThat(UpdatePolicy.runtimeParameters(Map.of("update.policy", "canary", "a", "b")))
        .isEqualTo(Map.of("a", "b"));
  }

  @ParameterizedTest
  @CsvSource({
    "policy, sometimes",
    "share, 101",
    "share, -1",
    "trial-requests, 0",
    "trial-ms, 0",
    "max-error-rate, 1.1",
    "max-error-rate, NaN",
    "tolerance, 1e3",
    "promote, yes",
    "polici, canary"
  })
  void refusesWhatItCannotKeep(String key, String value) {
    assertThatThrownBy(() -> UpdatePolicy.of(Map.of("update." + key, value)))
        .isInstanceOf(McpException.class)
        .hasMessageContaining("update." + key)
        .hasMessageContaining(value);
  }

  @Test
  void refusesATrialThatNobodyWouldSee() {
    assertThatThrownBy(
            () -> UpdatePolicy.of(Map.of("update.policy", "canary", "update.share", "0")))
        .hasMessageContaining("update.share");
  }
}
