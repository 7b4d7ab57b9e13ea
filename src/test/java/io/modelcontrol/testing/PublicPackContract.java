package io.modelcontrol.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/**
 * What the public pack demands of everything that runs models, in one process or over a socket:
 * subclasses say how.
 */
public abstract class PublicPackContract {
  /** Their only output is a sequence, which is refused by name. */
  private static final Set<String> ONLY_A_SEQUENCE =
      Set.of("node/test_if_seq", "node/test_split_to_sequence_1", "node/test_split_to_sequence_2");

  protected abstract CaseExecutor executor();

  @Test
  void givesEachCaseAtLeastTheVerdictOfBareOnnxRuntime() throws Exception {
    List<CaseResult> results = OnnxCases.load().run(executor());

    System.out.println(CaseSummary.of(results));
    assertThat(results).hasSize(1_162);
    assertThat(results)
        .filteredOn(CaseResult::isWorseThanPublic)
        .extracting(CaseResult::name)
        .containsExactlyInAnyOrderElementsOf(ONLY_A_SEQUENCE);
    assertThat(results)
        .filteredOn(CaseResult::isWorseThanBest)
        .filteredOn(result -> !ONLY_A_SEQUENCE.contains(result.name()))
        .filteredOn(Predicate.not(PublicPackContract::wantsAnotherEnvironment))
        .isEmpty();
  }

  @Test
  void refusesASequenceAsInputByItsName() throws Exception {
    assertThat(OnnxCases.load().run(executor(), Set.of(CaseVerdict.NONTENSOR)))
        .hasSize(14)
        .allSatisfy(
            result -> {
              assertThat(result.verdict()).isEqualTo(CaseVerdict.NONTENSOR);
              assertThat(result.reason())
                  .matches("UNSUPPORTED_DTYPE: input '.+' is an? (optional )?sequence, .*");
            });
  }

  @Test
  void refusesATypeThatCannotBeCarriedByItsName() throws Exception {
    assertThat(OnnxCases.load().run(executor(), Set.of(CaseVerdict.JAVA_DTYPE)))
        .hasSize(41)
        .allSatisfy(
            result -> {
              assertThat(result.verdict()).isEqualTo(CaseVerdict.JAVA_DTYPE);
              assertThat(result.reason())
                  .matches("UNSUPPORTED_DTYPE: (in|out)put '.+' is an? [A-Z0-9]+, .*");
            });
  }

  /**
   * Models stamped with an opset that is not released need ALLOW_RELEASED_ONNX_OPSET_ONLY=0 in the
   * environment of the runtime's process, StringNormalizer the locale en_US.UTF-8.
   */
  private static boolean wantsAnotherEnvironment(CaseResult result) {
    boolean opsetAllowed = "0".equals(System.getenv("ALLOW_RELEASED_ONNX_OPSET_ONLY"));
    return result.reason().contains("locale")
        || result.reason().contains("under development") && !opsetAllowed;
  }
}
