package io.modelcontrol.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** Two looks at metrics, two seconds apart. */
class SamplesTest {
  private final Samples before =
      new Samples(
          """
          # HELP time_seconds so long
          time_seconds_bucket{model="a",le="0.1"} 10
          time_seconds_bucket{model="a",le="0.2"} 10
          time_seconds_bucket{model="a",le="+Inf"} 10
          time_seconds_count{model="a"} 10
          """,
          0);
  private final Samples now =
      new Samples(
          """
          time_seconds_bucket{model="a",le="0.1"} 10
          time_seconds_bucket{model="a",le="0.2"} 110
          time_seconds_bucket{model="a",le="+Inf"} 110
          time_seconds_count{model="a"} 110
          time_seconds_count{model="b \\"quoted\\", {odd}"} 6
          not a line
          word NaNo
          gauge 3.5
          """,
          TimeUnit.SECONDS.toNanos(2));

  @Test
  void countersBecomeRates() {
    Predicate<Map<String, String>> a = labels -> labels.get("model").equals("a");
    assertThat(now.rate(before, "time_seconds_count", a)).isEqualTo(50);
    assertThat(now.rate(before, "time_seconds_count", SamplesTest::any)).isEqualTo(53);
    assertThat(now.rate(before, "nothing", SamplesTest::any)).isZero();
  }

  @Test
  void quantilesAreThoseOfTheNewSamples() {
    assertThat(now.quantile(before, "time_seconds", SamplesTest::any, 0.5))
        .isCloseTo(0.15, within(1e-9));
    assertThat(now.quantile(before, "time_seconds", SamplesTest::any, 1))
        .isCloseTo(0.2, within(1e-9));
    assertThat(before.quantile(before, "time_seconds", SamplesTest::any, 0.5)).isNaN();
    assertThat(now.quantile(before, "nothing", SamplesTest::any, 0.5)).isNaN();
  }

  @Test
  void readsGaugesAndLabels() {
    assertThat(now.sum("gauge", SamplesTest::any)).isEqualTo(3.5);
    assertThat(now.all("time_seconds_count").get(1).labels())
        .containsEntry("model", "b \\\"quoted\\\", {odd}");
    assertThat(now.all("word")).isEmpty();
  }

  private static boolean any(Map<String, String> labels) {
    return true;
  }
}
