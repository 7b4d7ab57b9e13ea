package io.modelcontrol.proof;

import io.modelcontrol.conformance.CaseResult;
import io.modelcontrol.conformance.ConformanceSuite;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** Every case of the conformance suite against a node that is a process of its own. */
public final class ConformanceProof implements Proof {
  private static final long MAX_SECONDS = 60;

  @Override
  public String run(ProofArgs args) throws Exception {
    Path directory = Files.createTempDirectory("conformance");
    List<CaseResult> results;
    long startNanos;
    try (NodeProcess node = NodeProcess.serve(args.fatJar(), directory, "--port", "0")) {
      startNanos = System.nanoTime();
      results =
          ConformanceSuite.run("127.0.0.1", node.port(), ConformanceSuite.cases(), each -> {});
    }
    double seconds = (System.nanoTime() - startNanos) / (double) TimeUnit.SECONDS.toNanos(1);
    List<String> others =
        results.stream()
            .filter(each -> each.verdict() != CaseResult.Verdict.PASSED)
            .map(each -> each.testCase().id() + ": " + each.text())
            .toList();
    if (!others.isEmpty()) {
      throw new AssertionError(others.size() + " cases did not pass: " + others);
    }
    if (seconds > MAX_SECONDS) {
      throw new AssertionError("took " + seconds + " s, at most " + MAX_SECONDS);
    }
    return String.format(
        Locale.ROOT, "%d cases, %d passed, in %.1f s", results.size(), results.size(), seconds);
  }
}
