package io.modelcontrol.cli;

import io.modelcontrol.conformance.CaseResult;
import io.modelcontrol.conformance.JUnitReport;
import io.modelcontrol.runtime.ModelRuntime;
import io.modelcontrol.runtime.ModelRuntimes;
import io.modelcontrol.runtime.conformance.RuntimeCase;
import io.modelcontrol.runtime.conformance.RuntimeCaseResult;
import io.modelcontrol.runtime.conformance.RuntimeCaseResult.Verdict;
import io.modelcontrol.runtime.conformance.RuntimeConformance;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** {@code modelctl conformance --runtime}: the conformance kit for runtimes, and its report. */
final class RuntimeKit {
  private final Modelctl modelctl;
  private final String name;
  private final Path reportOrNull;

  RuntimeKit(Modelctl modelctl, String name, Path reportOrNull) {
    this.modelctl = modelctl;
    this.name = name;
    this.reportOrNull = reportOrNull;
  }

  /** Runs the cases that match, or lists them; the exit code. */
  int call(String only, String listOrNull) {
    List<RuntimeCase> cases = RuntimeConformance.matching(only);
    if (cases.isEmpty()) {
      throw new UsageException("--only matches no case, was '" + only + "'");
    }
    if (listOrNull == null) {
      return run(cases);
    }
    if (!listOrNull.equals("text")) {
      throw new UsageException("--list with --runtime must be text, was '" + listOrNull + "'");
    }
    TextTable table = new TextTable("CASE", "A RUNTIME");
    cases.forEach(each -> table.row(each.id(), each.sentence()));
    table.lines().forEach(modelctl::print);
    return Exit.OK;
  }

  private int run(List<RuntimeCase> cases) {
    ModelRuntimes runtimes = new ModelRuntimes();
    ModelRuntime runtime =
        runtimes
            .named(name)
            .orElseThrow(
                () ->
                    new UsageException(
                        "--runtime: there is no '" + name + "', but " + runtimes.names()));
    List<RuntimeCaseResult> results = results(runtime, cases);
    results.stream()
        .filter(each -> each.verdict() != Verdict.PASSED)
        .forEach(each -> modelctl.print(line(each)));
    modelctl.print(
        String.format(
            Locale.ROOT,
            "%d cases: %d passed, %d failed, %d not run, in %.1f s",
            results.size(),
            count(results, Verdict.PASSED),
            count(results, Verdict.FAILED),
            count(results, Verdict.NOT_RUN),
            results.stream().mapToLong(RuntimeCaseResult::nanos).sum() / 1e9));
    if (reportOrNull != null) {
      write(results);
    }
    return count(results, Verdict.FAILED) == 0 ? Exit.OK : Exit.FAILED;
  }

  private static List<RuntimeCaseResult> results(ModelRuntime runtime, List<RuntimeCase> cases) {
    try {
      return new RuntimeConformance(runtime).run(cases);
    } catch (IOException e) {
      throw new UsageException("models cannot be written to the folder for temporary files", e);
    }
  }

  private static long count(List<RuntimeCaseResult> results, Verdict verdict) {
    return results.stream().filter(each -> each.verdict() == verdict).count();
  }

  private static String line(RuntimeCaseResult result) {
    return String.format(
        "%s %s: a runtime %s: %s",
        result.isFailed() ? "FAILED " : "NOT RUN",
        result.testCase().id(),
        result.testCase().sentence(),
        result.text());
  }

  private void write(List<RuntimeCaseResult> results) {
    try {
      JUnitReport.write(
          reportOrNull, "runtime-" + name, results.stream().map(RuntimeKit::entry).toList());
    } catch (IOException e) {
      throw new UsageException("--report: the file cannot be written", e);
    }
  }

  private static JUnitReport.Entry entry(RuntimeCaseResult result) {
    CaseResult.Verdict verdict =
        switch (result.verdict()) {
          case PASSED -> CaseResult.Verdict.PASSED;
          case FAILED -> CaseResult.Verdict.FAILED;
          case NOT_RUN -> CaseResult.Verdict.SKIPPED;
        };
    String word = result.verdict() == Verdict.NOT_RUN ? "not run" : "failed";
    RuntimeCase testCase = result.testCase();
    return new JUnitReport.Entry(
        testCase.id(), testCase.sentence(), verdict, result.text(), word, result.nanos());
  }
}
