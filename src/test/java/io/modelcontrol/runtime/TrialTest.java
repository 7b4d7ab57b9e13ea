package io.modelcontrol.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.modelcontrol.runtime.Trial.Verdict;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What a trial decides, by what it was told; no clock runs. */
class TrialTest {
  private static final long MS = TimeUnit.MILLISECONDS.toNanos(1);

  private final Map<String, String> parameters =
      new HashMap<>(Map.of("update.policy", "canary", "update.trial-requests", "100"));

  private Trial trial() {
    return new Trial(UpdatePolicy.of(parameters), 0);
  }

  private static void answers(Trial trial, int count, long newNanos) {
    for (int i = 0; i < count; i++) {
      trial.activeAnswered(10 * MS);
      trial.newAnswered(newNanos);
    }
  }

  @Test
  void isUndecidedUntilEnoughHasCome() {
    Trial trial = trial();
    answers(trial, 99, 10 * MS);
    assertThat(trial.verdict(MS)).isEqualTo(Verdict.UNDECIDED);
    answers(trial, 1, 10 * MS);
    assertThat(trial.verdict(MS)).isEqualTo(Verdict.PASSED);
  }

  @Test
  void failsAsSoonAsMoreFailedThanTheWholeTrialAllows() {
    Trial trial = trial();
    trial.newFailed("RUNTIME_FAILURE");
    assertThat(trial.verdict(MS)).isEqualTo(Verdict.UNDECIDED);
    trial.newFailed("RUNTIME_FAILURE");
    assertThat(trial.verdict(MS)).isEqualTo(Verdict.FAILED);
    assertThat(trial.reason(MS)).contains("failed on 2 of 2", "RUNTIME_FAILURE");
  }

  @Test
  void failsIfItIsMoreThanTwiceAsSlow() {
    Trial trial = trial();
    answers(trial, 19, 50 * MS);
    assertThat(trial.verdict(MS)).isEqualTo(Verdict.UNDECIDED);
    answers(trial, 1, 50 * MS);
    assertThat(trial.reason(MS)).contains("90 % of its runs take up to 50");
  }

  @Test
  void slownessOfMicrosecondsIsNone() {
    Trial trial = trial();
    for (int i = 0; i < 100; i++) {
      trial.activeAnswered(MS / 10);
      trial.newAnswered(MS);
    }
    assertThat(trial.verdict(MS)).isEqualTo(Verdict.PASSED);
  }

  @Test
  void waitsForComparisonsWhereTheyAreAskedFor() {
    parameters.put("update.compare", "true");
    Trial trial = trial();
    answers(trial, 100, 10 * MS);
    assertThat(trial.verdict(MS)).isEqualTo(Verdict.UNDECIDED);
    for (int i = 0; i < 100; i++) {
      trial.compared(i != 7);
    }
    assertThat(trial.verdict(MS)).isEqualTo(Verdict.PASSED);
    trial.compared(false);
    assertThat(trial.reason(MS)).contains("2 of 101 answers differ");
  }

  @Test
  void failsWithItsTimeIfTooFewRequestsCame() {
    parameters.put("update.trial-ms", "1000");
    Trial trial = trial();
    answers(trial, 50, 10 * MS);
    assertThat(trial.verdict(999 * MS)).isEqualTo(Verdict.UNDECIDED);
    assertThat(trial.reason(1000 * MS)).contains("only 50 of 100 requests");
  }

  @Test
  void reportsItsFigures() {
    Trial trial = trial();
    answers(trial, 10, 10 * MS);
    trial.newFailed("RUNTIME_FAILURE");
    assertThat(trial.report())
        .containsEntry("report.requests", "11")
        .containsEntry("report.errors", "1")
        .containsEntry("report.compared", "0");
  }
}
