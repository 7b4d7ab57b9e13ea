package io.modelcontrol.testing;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The verdicts of all cases in a few lines, beside those of bare ONNX Runtime. */
public record CaseSummary(
    Map<CaseVerdict, Long> here,
    Map<CaseVerdict, Long> publicApi,
    Map<CaseVerdict, Long> best,
    List<CaseResult> belowBest) {

  public static CaseSummary of(List<CaseResult> results) {
    return new CaseSummary(
        count(results, CaseResult::verdict),
        count(results, CaseResult::publicVerdict),
        count(results, CaseResult::bestVerdict),
        results.stream().filter(CaseResult::isWorseThanBest).toList());
  }

  private static Map<CaseVerdict, Long> count(
      List<CaseResult> results, Function<CaseResult, CaseVerdict> verdict) {
    return results.stream()
        .collect(
            Collectors.groupingBy(
                verdict, () -> new EnumMap<>(CaseVerdict.class), Collectors.counting()));
  }

  @Override
  public String toString() {
    return "public pack, verdicts here:      "
        + here
        + "\npublic pack, bare, public API:   "
        + publicApi
        + "\npublic pack, bare, with helps:   "
        + best
        + belowBest.stream().map(result -> "\n  " + result).collect(Collectors.joining());
  }
}
