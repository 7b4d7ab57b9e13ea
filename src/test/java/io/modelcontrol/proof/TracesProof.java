package io.modelcontrol.proof;

import static io.modelcontrol.testing.TestNode.await;

import io.modelcontrol.Tensor;
import io.modelcontrol.client.InferenceResult;
import io.modelcontrol.client.McpClient;
import io.modelcontrol.client.McpClientOptions;
import io.modelcontrol.client.ModelUpload;
import io.modelcontrol.observe.Observability;
import io.modelcontrol.observe.ObserveOptions;
import io.modelcontrol.observe.TracingOptions;
import io.modelcontrol.testing.OtlpReceiver;
import io.modelcontrol.testing.OtlpReceiver.Span;
import io.modelcontrol.verticle.Node;
import io.modelcontrol.verticle.NodeConfig;
import io.modelcontrol.verticle.Role;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A collector receives one trace for each request, which spans client, session, bus and worker: in
 * one process, and from a client, a session node and a model node that are three. Requests run side
 * by side, and none is found in the trace of another.
 */
public final class TracesProof implements Proof {
  private static final int DEFAULT_REQUESTS = 1_000;
  private static final int EXPORT_MS = 50;
  private static final Duration ARRIVE = Duration.ofSeconds(30);
  private static final String MODEL = "add";
  private static final byte[] ADD =
      "{\"op\":\"add\",\"dtype\":\"FLOAT\",\"shape\":[-1]}".getBytes(StandardCharsets.UTF_8);

  /** Each is the child of the one before it, but the last, which is the queue's sibling. */
  private static final List<String> CHAIN =
      List.of("mcp.client.request", "mcp.request", "mcp.dispatch", "mcp.queue");

  private final boolean twoProcesses;

  public TracesProof() {
    this(true);
  }

  /**
   * @param twoProcesses whether there are nodes of their own as well, which take time to start
   */
  TracesProof(boolean twoProcesses) {
    this.twoProcesses = twoProcesses;
  }

  @Override
  public String run(ProofArgs args) throws Exception {
    int requests = args.countOr(DEFAULT_REQUESTS);
    Path folder = Files.createTempDirectory("traces");
    inOneProcess(requests, folder);
    if (!twoProcesses) {
      return requests + " requests side by side, each one trace of 5 spans, in one process";
    }
    acrossProcesses(args, requests, folder);
    return requests
        + " requests side by side, each one trace of 5 spans, in one process; the same from a client"
        + " over a session node and a model node, three processes";
  }

  private static void inOneProcess(int requests, Path folder) throws Exception {
    try (OtlpReceiver collector = new OtlpReceiver();
        Observability observability = observability(collector)) {
      Vertx vertx = vertx(observability);
      JsonObject config =
          new JsonObject()
              .put("server", new JsonObject().put("port", 0))
              .put("models", new JsonObject().put("store", folder.resolve("one").toString()));
      Node node = await(Node.deploy(vertx, NodeConfig.of(Role.ALL).with(config)));
      check(vertx, node.port(), requests, collector);
      await(node.stop());
      await(vertx.close());
    }
  }

  private static void acrossProcesses(ProofArgs args, int requests, Path folder) throws Exception {
    try (OtlpReceiver collector = new OtlpReceiver();
        Observability observability = observability(collector)) {
      Vertx vertx = vertx(observability);
      String port = Integer.toString(freePort());
      try (NodeProcess sessions = serve(args, folder, collector, "session", port, "--port", "0");
          NodeProcess models = serve(args, folder, collector, "model", port, "--store", "two")) {
        check(vertx, sessions.port(), requests, collector);
        sessions.stop();
        models.stop();
      }
      await(vertx.close());
    }
  }

  private static NodeProcess serve(
      ProofArgs args, Path folder, OtlpReceiver collector, String role, String port, String... more)
      throws Exception {
    List<String> flags =
        new ArrayList<>(
            List.of(
                "--role",
                role,
                "--cluster",
                "--cluster-port",
                port,
                "--cluster-members",
                "127.0.0.1:" + port,
                "--otlp",
                collector.endpoint()));
    flags.addAll(List.of(more));
    return NodeProcess.serve(args.fatJar(), folder, flags.toArray(String[]::new));
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static Observability observability(OtlpReceiver collector) {
    return Observability.create(
        new ObserveOptions()
            .setTracing(
                new TracingOptions().setOtlpEndpoint(collector.endpoint()).setExportMs(EXPORT_MS)));
  }

  private static Vertx vertx(Observability observability) {
    Vertx vertx = observability.builder().with(observability.observed(new VertxOptions())).build();
    observability.install(vertx);
    return vertx;
  }

  private static void check(Vertx vertx, int port, int requests, OtlpReceiver collector)
      throws Exception {
    McpClient client = McpClient.create(vertx, new McpClientOptions().setPort(port));
    await(client.connect());
    await(client.load(ModelUpload.of(MODEL, "1", ADD)));
    List<Future<InferenceResult>> answers = new ArrayList<>();
    for (int i = 0; i < requests; i++) {
      answers.add(
          client.infer(
              MODEL, Tensor.of("a", new float[] {i}, 1), Tensor.of("b", new float[] {1}, 1)));
    }
    await(Future.all(answers));
    await(client.close());
    Waiting.until(
        () ->
            count(collector, "mcp.client.request") >= requests
                && count(collector, "mcp.runtime") >= requests
                && count(collector, "mcp.queue") >= requests
                && count(collector, "mcp.request") >= requests,
        "the spans of " + requests + " requests",
        ARRIVE);
    Map<String, List<Span>> traces =
        collector.spans().stream()
            .filter(span -> isOfRequest(span))
            .collect(Collectors.groupingBy(Span::traceId));
    long whole = traces.values().stream().filter(TracesProof::isWhole).count();
    if (whole != requests) {
      throw new AssertionError(whole + " of " + requests + " traces are whole");
    }
  }

  /** Those of the load are others. */
  private static boolean isOfRequest(Span span) {
    return CHAIN.contains(span.name()) || span.name().equals("mcp.runtime");
  }

  private static long count(OtlpReceiver collector, String name) {
    return collector.spans().stream().filter(span -> span.name().equals(name)).count();
  }

  /** One of each, each below the one that it belongs to. */
  private static boolean isWhole(List<Span> trace) {
    Map<String, Span> byName =
        trace.stream().collect(Collectors.toMap(Span::name, s -> s, (a, b) -> a));
    if (trace.size() != CHAIN.size() + 1 || byName.size() != trace.size()) {
      return false;
    }
    for (int i = 1; i < CHAIN.size(); i++) {
      if (!byName.get(CHAIN.get(i)).parentId().equals(byName.get(CHAIN.get(i - 1)).spanId())) {
        return false;
      }
    }
    Span run = byName.get("mcp.runtime");
    return byName.get(CHAIN.get(0)).parentId().isEmpty()
        && run.parentId().equals(byName.get("mcp.dispatch").spanId());
  }
}
