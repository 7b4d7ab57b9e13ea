package io.modelcontrol.runtime.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.modelcontrol.DataType;
import io.modelcontrol.runtime.ModelRuntime;
import io.modelcontrol.runtime.ModelRuntimes;
import io.modelcontrol.runtime.conformance.BrokenRuntime.Fault;
import io.modelcontrol.runtime.conformance.RuntimeCaseResult.Verdict;
import io.modelcontrol.runtime.reference.ReferenceConformanceModels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The kit passes our runtimes, and fails one with a fault in the cases of that fault alone. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class RuntimeConformanceTest {
  private static final long SHORT_CANCEL_MS = 300;

  /** Takes seconds, and no other fault has to do with it. */
  private static final String SLOWEST = "memory/load-close";

  private static final Path GUIDE = Path.of("src/main/asciidoc/workers.adoc");

  private static List<RuntimeCaseResult> resultsOf(String runtime) throws Exception {
    ModelRuntime found = new ModelRuntimes().named(runtime).orElseThrow();
    return new RuntimeConformance(found).run(RuntimeConformance.matching("*"));
  }

  private static Set<String> ids(List<RuntimeCaseResult> results, Verdict verdict) {
    return results.stream()
        .filter(each -> each.verdict() == verdict)
        .map(each -> each.testCase().id())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static void assertNoneFailed(List<RuntimeCaseResult> results) {
    assertThat(results)
        .filteredOn(RuntimeCaseResult::isFailed)
        .extracting(each -> each.testCase().id() + ": " + each.text())
        .isEmpty();
    assertThat(results).hasSameSizeAs(RuntimeConformance.matching("*"));
  }

  @Test
  void onnxPassesAllButWhatThisMachineDoesNotHave() throws Exception {
    List<RuntimeCaseResult> results = resultsOf("onnx");
    assertNoneFailed(results);
    assertThat(results)
        .filteredOn(each -> each.verdict() == Verdict.NOT_RUN)
        .allSatisfy(
            each ->
                assertThat(each.testCase().id() + " " + each.text())
                    .matches(
                        "dtype/.* the runtime does not carry .*: (UNSUPPORTED_DTYPE|MODEL_REJECTED)"
                            + ": (?s:.*)|provider/.* is not on this machine, .*"));
    assertThat(ids(results, Verdict.PASSED))
        .contains("dtype/float16", "dtype/uint64", "int8/mixed-precision", "provider/cpu-int8");
    assertThat(ids(results, Verdict.NOT_RUN)).contains("dtype/complex64", "provider/cuda");
  }

  @Test
  void theReferencePassesAllThatItHasModelsFor() throws Exception {
    List<RuntimeCaseResult> results = resultsOf("reference");
    assertNoneFailed(results);
    assertThat(ids(results, Verdict.NOT_RUN))
        .allMatch(id -> id.matches("provider/.*|int8/.*|output/(all|one-of-two|order)"));
  }

  @ParameterizedTest
  @CsvSource({
    "WRONG_BYTE_OF_INT16, dtype/int16",
    "IGNORES_CANCEL, cancel/canceled cancel/deadline cancel/before cancel/next",
    "LEAKS_OUTPUTS, memory/direct memory/owners",
    "MIXES_ANSWERS, parallel/own-answers",
    "RUNS_AFTER_CLOSE, close/final",
    "DECLARES_ANOTHER_NAME, describe/specs"
  })
  void aFaultFailsItsCasesAlone(Fault fault, String cases) throws Exception {
    List<RuntimeCaseResult> results = resultsOf(fault, "*");
    assertThat(ids(results, Verdict.FAILED)).containsExactlyInAnyOrder(cases.split(" "));
  }

  @ParameterizedTest
  @EnumSource(names = {"KEEPS_MODELS", "LEAKS_NATIVE_MEMORY"})
  void whatLoadsLeaveBehindFailsTheirCaseAlone(Fault fault) throws Exception {
    assertThat(ids(resultsOf(fault, "memory/*"), Verdict.FAILED)).containsExactly(SLOWEST);
  }

  @Test
  void nativeMemoryIsWhatIsNotWithinTheHeap() {
    List<String> mappings =
        List.of(
            "80000000-90000000 rw-p 00000000 00:00 0",
            "Size:  262144 kB",
            "Rss:   100000 kB",
            "7f0000000000-7f0000100000 rw-p 00000000 00:00 0   [stack]",
            "Rss:       12 kB",
            "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0  [vsyscall]",
            "Rss:        4 kB");
    String info = "garbage-first heap total 1K, used 1K [0x0000000080000000, 0x0000000100000000)";
    assertThat(HeldMemory.residentBeside(info, mappings)).isEqualTo(16 * 1024);
    assertThat(HeldMemory.residentBeside("unknown", mappings)).isEqualTo(-1);
  }

  private static List<RuntimeCaseResult> resultsOf(Fault fault, String only) throws Exception {
    List<RuntimeCase> cases =
        RuntimeConformance.matching(only).stream()
            .filter(each -> only.startsWith("memory/") || !each.id().equals(SLOWEST))
            .toList();
    try (BrokenRuntime broken = new BrokenRuntime(fault)) {
      Optional<ConformanceModels> models = Optional.of(new ReferenceConformanceModels());
      return new RuntimeConformance(broken, models, SHORT_CANCEL_MS).run(cases);
    }
  }

  @Test
  void rowsThatAreLostFailTheirShapes() throws Exception {
    assertThat(ids(resultsOf(Fault.TAKES_ANY_ROWS_FOR_ONE, "shape/*"), Verdict.FAILED))
        .containsExactly("shape/1000-rows", "shape/7-rows", "shape/changing");
  }

  /** To refuse is right in these cases, but to go on refusing is not. */
  @Test
  void aRuntimeThatRefusesEverythingFails() throws Exception {
    List<RuntimeCaseResult> results = resultsOf(Fault.REFUSES_ALL_REQUESTS, "request/*");
    assertThat(results).hasSizeGreaterThan(5).allMatch(RuntimeCaseResult::isFailed);
  }

  @Test
  void saysWhatWasExpectedAndWhatCame() throws Exception {
    assertThat(resultsOf(Fault.WRONG_BYTE_OF_INT16, "dtype/int16").get(0).text())
        .matches(
            "expected bytes [0-9a-f]{2} from 47 in output INT16\\[6, 4], came bytes .. from 47");
  }

  @Test
  void withoutModelsNothingIsRun() throws Exception {
    ModelRuntime runtime = new ModelRuntimes().named("reference").orElseThrow();
    List<RuntimeCase> cases = RuntimeConformance.matching("*");
    assertThat(new RuntimeConformance(runtime, Optional.empty(), SHORT_CANCEL_MS).run(cases))
        .hasSameSizeAs(cases)
        .allMatch(each -> each.verdict() == Verdict.NOT_RUN)
        .allMatch(each -> each.text().contains("implement ConformanceModels"));
  }

  @Test
  void hasACaseForEachTypeAndEachIdOnce() {
    List<RuntimeCase> cases = RuntimeConformance.matching("*");
    assertThat(cases).extracting(RuntimeCase::id).doesNotHaveDuplicates();
    assertThat(RuntimeConformance.matching("dtype/*")).hasSameSizeAs(DataType.values());
  }

  @Test
  void theGuideListsItsGroups() throws Exception {
    String guide = Files.readString(GUIDE);
    String table = guide.substring(guide.indexOf(".Groups of cases"));
    List<String> listed =
        Arrays.stream(table.substring(0, table.indexOf("|===\n\n")).split("\n"))
            .filter(line -> line.matches("\\|[a-z0-9]+ \\|.*"))
            .map(line -> line.substring(1, line.indexOf(' ')))
            .toList();
    assertThat(listed)
        .containsExactlyElementsOf(
            RuntimeConformance.matching("*").stream()
                .map(each -> each.id().replaceAll("/.*", ""))
                .distinct()
                .toList());
  }
}
