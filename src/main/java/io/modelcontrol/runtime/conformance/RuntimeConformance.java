package io.modelcontrol.runtime.conformance;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.runtime.ModelRuntime;
import io.modelcontrol.runtime.conformance.RuntimeCaseResult.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The conformance kit: all cases, and how they run against a runtime in this process: one after the
 * other, each on a thread of its own, so that a run that never ends costs its case and no more.
 */
public final class RuntimeConformance {
  /** Bytes that {@link ConformanceModels#heavy()} keeps at least. */
  public static final long HEAVY_BYTES = 4L << 20;

  /** Milliseconds that a case may take; the longest took 5 s where it was written. */
  private static final long CASE_MS = 120_000;

  /** Milliseconds within which a run has to end after it was canceled. */
  private static final long CANCEL_MS = 5_000;

  private static final List<RuntimeCase> CASES =
      Stream.of(
              TypeCases.all(),
              RequestCases.all(),
              OutputCases.all(),
              CancelCases.all(),
              ParallelCases.all(),
              MemoryCases.all(),
              ProviderCases.all())
          .flatMap(List::stream)
          .toList();

  private final ModelRuntime runtime;
  private final Optional<ConformanceModels> models;
  private final long cancelMs;

  /** The kit for a runtime, with the models that are found for it. */
  public RuntimeConformance(ModelRuntime runtime) {
    this(runtime, ConformanceModels.of(runtime.name()), CANCEL_MS);
  }

  RuntimeConformance(ModelRuntime runtime, Optional<ConformanceModels> models, long cancelMs) {
    this.runtime = runtime;
    this.models = models;
    this.cancelMs = cancelMs;
  }

  /** The cases whose id matches; {@code *} stands for any characters. */
  public static List<RuntimeCase> matching(String pattern) {
    String regex =
        Stream.of(pattern.split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining(".*"));
    Predicate<String> matches = Pattern.compile(regex).asMatchPredicate();
    return CASES.stream().filter(each -> matches.test(each.id())).toList();
  }

  /**
   * Runs cases, and blocks until all are done.
   *
   * @return the results in the order of the cases
   * @throws IOException if there is no room for the contents of models
   */
  public List<RuntimeCaseResult> run(List<RuntimeCase> cases) throws IOException {
    if (models.isEmpty()) {
      String reason = "no models for this runtime, implement ConformanceModels";
      return cases.stream()
          .map(each -> new RuntimeCaseResult(each, Verdict.NOT_RUN, reason, 0))
          .toList();
    }
    Path folder = Files.createTempDirectory("conformance");
    try {
      Bench bench = new Bench(runtime, models.get(), folder, cancelMs);
      List<RuntimeCaseResult> results = new ArrayList<>();
      for (RuntimeCase each : cases) {
        results.add(run(each, bench));
      }
      return results;
    } finally {
      delete(folder);
    }
  }

  private static RuntimeCaseResult run(RuntimeCase testCase, Bench bench) {
    FutureTask<Void> task =
        new FutureTask<>(
            () -> {
              testCase.check().run(bench);
              return null;
            });
    Thread thread = new Thread(task, "conformance " + testCase.id());
    thread.setDaemon(true);
    long startNanos = System.nanoTime();
    thread.start();
    Verdict verdict = Verdict.FAILED;
    String text = "";
    try {
      task.get(CASE_MS, TimeUnit.MILLISECONDS);
      verdict = Verdict.PASSED;
    } catch (ExecutionException e) {
      verdict = verdict(e.getCause());
      text = text(e.getCause());
    } catch (TimeoutException e) {
      text = "expected an end within " + CASE_MS + " ms, came none";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      text = "expected an end, came an interruption";
    }
    return new RuntimeCaseResult(testCase, verdict, text, System.nanoTime() - startNanos);
  }

  /** The native library of a runtime may not be made for this machine. */
  private static Verdict verdict(Throwable failure) {
    if (failure instanceof CaseEnd end) {
      return end.verdict();
    }
    boolean notHere =
        failure instanceof McpException known && known.code() == ErrorCode.SERVICE_UNAVAILABLE;
    return notHere ? Verdict.NOT_RUN : Verdict.FAILED;
  }

  private static String text(Throwable failure) {
    if (failure instanceof CaseEnd) {
      return failure.getMessage();
    }
    return verdict(failure) == Verdict.NOT_RUN
        ? failure.toString()
        : "expected no error, came " + failure;
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path each : files.toList()) {
        Files.delete(each);
      }
    }
    Files.delete(folder);
  }
}
