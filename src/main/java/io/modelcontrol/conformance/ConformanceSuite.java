package io.modelcontrol.conformance;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * All cases, and how they run: each on a connection of its own, some at a time. The server must
 * accept method {@code none}, and have the limits of the specification, or announce others.
 */
public final class ConformanceSuite {
  private static final int AT_A_TIME = 16;

  /**
   * A case that takes longer than this is waiting most of its time, and waits beside the others.
   */
  private static final long SLOW_MS = 8_000;

  private static final long GRACE_MS = 2_000;

  private static final List<ConformanceCase> CASES =
      Stream.of(
              MatrixCases.all(),
              FrameCases.all(),
              DataCases.all(),
              CompressionCases.all(),
              StreamCases.all(),
              CreditCases.all(),
              ControlCases.all(),
              FieldCases.all(),
              MessageCases.all(),
              TensorCases.all(),
              NegotiationCases.all(),
              AuthCases.all(),
              ExchangeCases.all(),
              AbuseCases.all(),
              TimeCases.all())
          .flatMap(List::stream)
          .toList();

  private ConformanceSuite() {}

  /** All cases, in the order of the list. */
  public static List<ConformanceCase> cases() {
    return CASES;
  }

  /** The cases whose id matches; {@code *} stands for any characters. */
  public static List<ConformanceCase> matching(String pattern) {
    String regex =
        Stream.of(pattern.split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining(".*"));
    Predicate<String> matches = Pattern.compile(regex).asMatchPredicate();
    return CASES.stream().filter(each -> matches.test(each.id())).toList();
  }

  /**
   * Runs cases against a server, and blocks until all are done.
   *
   * @param progress told of each case as it is done, from the thread that ran it
   * @return the results in the order of the cases
   */
  public static List<CaseResult> run(
      String host, int port, List<ConformanceCase> cases, Consumer<CaseResult> progress) {
    ExecutorService quick = Executors.newFixedThreadPool(AT_A_TIME);
    ExecutorService slow = Executors.newCachedThreadPool();
    ScheduledExecutorService watch = Executors.newSingleThreadScheduledExecutor();
    try {
      List<CompletableFuture<CaseResult>> running = new ArrayList<>();
      for (ConformanceCase each : cases) {
        ExecutorService threads = each.boundMs() > SLOW_MS ? slow : quick;
        running.add(
            CompletableFuture.supplyAsync(() -> runWatched(host, port, each, watch), threads)
                .whenComplete((result, failure) -> tell(progress, result)));
      }
      return running.stream()
          .map(CompletableFuture::join)
          .sorted(Comparator.comparingInt(result -> cases.indexOf(result.testCase())))
          .toList();
    } finally {
      quick.shutdownNow();
      slow.shutdownNow();
      watch.shutdownNow();
    }
  }

  private static void tell(Consumer<CaseResult> progress, CaseResult resultOrNull) {
    if (resultOrNull != null) {
      progress.accept(resultOrNull);
    }
  }

  /** A server that does not read would block the writing, which no timeout bounds. */
  private static CaseResult runWatched(
      String host, int port, ConformanceCase testCase, ScheduledExecutorService watch) {
    Peer peer = new Peer();
    var watching =
        watch.schedule(peer::close, testCase.boundMs() + GRACE_MS, TimeUnit.MILLISECONDS);
    try {
      return new CaseRun(testCase, peer).run(host, port);
    } finally {
      watching.cancel(false);
    }
  }

  /** The list of cases as the specification's appendix has it: rows of an AsciiDoc table. */
  public static String list(List<ConformanceCase> cases) {
    StringBuilder list = new StringBuilder();
    list.append(".").append(cases.size()).append(" cases\n");
    list.append("[cols=\"2,2,7,4,3\",options=\"header\"]\n|===\n");
    list.append("|Case |Begins in |A server |Expected |Section\n");
    for (ConformanceCase each : cases) {
      list.append(
          String.format(
              "|%s |%s |%s |%s |%s\n",
              each.id(), each.begins(), each.sentence(), each.expected(), each.section()));
    }
    return list.append("|===\n").toString();
  }
}
