package io.modelcontrol.cli;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code modelctl top}. */
@Command(
    name = "top",
    description = "Watch the sessions, models, rates and times of a node with a management port")
final class TopVerb implements Callable<Integer> {
  private static final String DEFAULT_MANAGEMENT = "http://127.0.0.1:9090";
  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final int HTTP_OK = 200;

  /** Cursor to the first line, and nothing below it. */
  private static final String CLEAR = "\u001b[H\u001b[J";

  @ParentCommand private Modelctl modelctl;

  @Option(
      names = "--management",
      paramLabel = "URI",
      defaultValue = DEFAULT_MANAGEMENT,
      description = "The management port of the node; default: " + DEFAULT_MANAGEMENT)
  private URI management;

  @Option(
      names = "--interval",
      paramLabel = "MS",
      defaultValue = "2000",
      description = "Milliseconds from one report to the next; default: 2000")
  private long intervalMs;

  @Option(
      names = "--count",
      paramLabel = "N",
      defaultValue = "0",
      description = "How many reports, 0 until it is stopped; default: 0")
  private int count;

  @Override
  public Integer call() throws InterruptedException {
    if (intervalMs < 1 || count < 0) {
      throw new UsageException("--interval must be 1 or more, --count 0 or more");
    }
    HttpClient http = HttpClient.newBuilder().connectTimeout(TIMEOUT).build();
    HttpRequest request = request();
    Samples before = look(http, request);
    for (int i = 0; count == 0 || i < count; i++) {
      TimeUnit.MILLISECONDS.sleep(intervalMs);
      Samples now = look(http, request);
      show(new TopReport(before, now));
      before = now;
    }
    return Exit.OK;
  }

  private HttpRequest request() {
    try {
      return HttpRequest.newBuilder(management.resolve("/metrics")).timeout(TIMEOUT).build();
    } catch (IllegalArgumentException e) {
      throw new UsageException(
          "--management must be http://host:port, was '" + management + "'", e);
    }
  }

  private Samples look(HttpClient http, HttpRequest request) throws InterruptedException {
    HttpResponse<String> response;
    try {
      response = http.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw McpException.sessionError(
          ErrorCode.NETWORK_CONNECTION_REFUSED,
          "nothing answers at " + management + "; the node needs 'serve --management-port'",
          e);
    }
    if (response.statusCode() != HTTP_OK || !response.body().contains("mcp_sessions")) {
      throw McpException.sessionError(
          ErrorCode.NETWORK_IO_ERROR, management + " is not the management port of a node");
    }
    return new Samples(response.body(), System.nanoTime());
  }

  private void show(TopReport report) {
    if (modelctl.json()) {
      modelctl.print(report.json().encode());
      return;
    }
    if (modelctl.console().terminal()) {
      modelctl.console().out().print(CLEAR);
    }
    report.lines().forEach(modelctl::print);
  }
}
