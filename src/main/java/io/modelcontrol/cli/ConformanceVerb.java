package io.modelcontrol.cli;

import io.modelcontrol.conformance.CaseResult;
import io.modelcontrol.conformance.ConformanceCase;
import io.modelcontrol.conformance.ConformanceSuite;
import io.modelcontrol.conformance.JUnitReport;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code modelctl conformance}. */
@Command(
    name = "conformance",
    description =
        "Check that a server, of whatever make, keeps the specification, or that a runtime of this"
            + " machine keeps its promises")
final class ConformanceVerb implements Callable<Integer> {
  private static final int CONNECT_MS = 5_000;

  @ParentCommand private Modelctl modelctl;

  @Option(names = "--host", defaultValue = "127.0.0.1", description = "Default: 127.0.0.1")
  private String host;

  @Option(names = "--port", defaultValue = "9001", description = "Default: 9001")
  private int port;

  @Option(
      names = "--runtime",
      paramLabel = "NAME",
      description = "Check this runtime, such as onnx, in this process; no server is asked")
  private String runtime;

  @Option(
      names = "--only",
      paramLabel = "PATTERN",
      defaultValue = "*",
      description = "Cases to run, such as frame/* or credit/01; default: all")
  private String only;

  @Option(
      names = "--report",
      paramLabel = "FILE",
      description = "Write the results as JUnit XML, too")
  private Path report;

  @Option(
      names = "--list",
      paramLabel = "FORMAT",
      arity = "0..1",
      fallbackValue = "text",
      description = "Print the cases and run none: text, which is the default, or adoc")
  private String list;

  @Override
  public Integer call() {
    if (runtime != null) {
      return new RuntimeKit(modelctl, runtime, report).call(only, list);
    }
    List<ConformanceCase> cases = ConformanceSuite.matching(only);
    if (cases.isEmpty()) {
      throw new UsageException("--only matches no case, was '" + only + "'");
    }
    if (list != null) {
      list(cases);
      return Exit.OK;
    }
    return isReachable() ? run(cases) : Exit.NOT_CONNECTED;
  }

  private void list(List<ConformanceCase> cases) {
    if (list.equals("adoc")) {
      modelctl.console().out().print(ConformanceSuite.list(cases));
      return;
    }
    if (!list.equals("text")) {
      throw new UsageException("--list must be text or adoc, was '" + list + "'");
    }
    TextTable table = new TextTable("CASE", "A SERVER", "EXPECTED", "SECTION");
    cases.forEach(each -> table.row(each.id(), each.sentence(), each.expected(), each.section()));
    table.lines().forEach(modelctl::print);
  }

  /** Otherwise each case would fail for the same reason. */
  private boolean isReachable() {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(host, port), CONNECT_MS);
      return true;
    } catch (IOException | IllegalArgumentException e) {
      modelctl
          .console()
          .err()
          .println("modelctl: no server at " + host + ":" + port + "; is the address right?");
      return false;
    }
  }

  private int run(List<ConformanceCase> cases) {
    long startNanos = System.nanoTime();
    List<CaseResult> results = ConformanceSuite.run(host, port, cases, each -> {});
    long tookMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos);
    results.stream()
        .filter(each -> each.verdict() != CaseResult.Verdict.PASSED)
        .forEach(each -> modelctl.print(line(each)));
    long failed = results.stream().filter(CaseResult::isFailed).count();
    long passed =
        results.stream().filter(each -> each.verdict() == CaseResult.Verdict.PASSED).count();
    modelctl.print(
        String.format(
            Locale.ROOT,
            "%d cases: %d passed, %d failed, %d skipped, in %.1f s",
            results.size(),
            passed,
            failed,
            results.size() - passed - failed,
            tookMs / 1e3));
    if (report != null) {
      write(results);
    }
    return failed == 0 ? Exit.OK : Exit.FAILED;
  }

  private static String line(CaseResult result) {
    ConformanceCase each = result.testCase();
    return String.format(
        "%s %s: a server %s (%s, section '%s'): %s",
        result.isFailed() ? "FAILED " : "SKIPPED",
        each.id(),
        each.sentence(),
        each.expected(),
        each.section(),
        result.text());
  }

  private void write(List<CaseResult> results) {
    try {
      JUnitReport.write(report, results);
    } catch (IOException e) {
      throw new UsageException("--report: the file cannot be written", e);
    }
  }
}
