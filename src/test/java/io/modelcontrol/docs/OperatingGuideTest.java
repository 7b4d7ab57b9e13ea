package io.modelcontrol.docs;

import static io.modelcontrol.testing.TestNode.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.modelcontrol.Tensor;
import io.modelcontrol.client.McpClient;
import io.modelcontrol.client.McpClientOptions;
import io.modelcontrol.client.ModelUpload;
import io.modelcontrol.observe.Observability;
import io.modelcontrol.observe.ObserveOptions;
import io.modelcontrol.observe.TracingOptions;
import io.modelcontrol.runtime.ModelIsolation;
import io.modelcontrol.telemetry.NegotiationFailure;
import io.modelcontrol.telemetry.Operation;
import io.modelcontrol.testing.CutProxy;
import io.modelcontrol.tls.TlsFailure;
import io.modelcontrol.verticle.Node;
import io.modelcontrol.verticle.NodeConfig;
import io.modelcontrol.verticle.Role;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.assertj.core.api.ThrowableAssert;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the page on operating says of options, metrics, reasons and spans is so, of a node that
 * runs.
 */
class OperatingGuideTest {
  private static final Path PAGE = Path.of("src/main/asciidoc/operating.adoc");
  private static final Path OBSERVABILITY = Path.of("config/observability");
  private static final Pattern SAMPLE = Pattern.compile("(mcp_\\w+?)(?:\\{(.*)})? [^ ]+.*");
  private static final byte[] ADD =
      "{\"op\":\"add\",\"dtype\":\"FLOAT\",\"shape\":[-1]}".getBytes(StandardCharsets.UTF_8);

  @TempDir private Path folder;

  @Test
  void listsEveryOptionWithItsDefault() {
    assertThat(table("options-observe"))
        .isEqualTo(withWords(new ObserveOptions().toJson(), Map.of("tracing", "see below")));
    assertThat(table("options-tracing"))
        .isEqualTo(withWords(new TracingOptions().toJson(), Map.of("otlpEndpoint", "")));
  }

  private static Map<String, String> withWords(JsonObject defaults, Map<String, String> words) {
    Map<String, String> all = new TreeMap<>(words);
    defaults.forEach(entry -> all.putIfAbsent(entry.getKey(), String.valueOf(entry.getValue())));
    return all;
  }

  private static Map<String, String> table(String anchor) {
    return GuideTable.rows(PAGE, anchor).stream()
        .collect(Collectors.toMap(row -> row.get(0), row -> row.get(1), (a, b) -> a, TreeMap::new));
  }

  @Test
  void listsEveryReasonOfAFailedNegotiation() {
    assertThat(table("negotiation-failures").keySet())
        .isEqualTo(
            Arrays.stream(NegotiationFailure.values())
                .map(NegotiationFailure::reason)
                .collect(Collectors.toCollection(TreeSet::new)));
  }

  @Test
  void eachReasonOfTlsIsOneOfTheNegotiation() {
    // What only a client can find, it tells its server as a bad certificate.
    for (TlsFailure failure : EnumSet.complementOf(EnumSet.of(TlsFailure.HOSTNAME_MISMATCH))) {
      assertThat(NegotiationFailure.of(failure.reason()).reason()).isEqualTo(failure.reason());
    }
  }

  @Test
  void listsEverySpan() {
    assertThat(table("spans").keySet())
        .isEqualTo(
            Arrays.stream(Operation.values())
                .map(Operation::spanName)
                .collect(Collectors.toCollection(TreeSet::new)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"alerts.yml", "dashboard.json"})
  void alertsAndDashboardUseMetricsThatAreThere(String file) throws IOException {
    String text = Files.readString(OBSERVABILITY.resolve(file));
    Set<String> used = new TreeSet<>();
    Matcher names = Pattern.compile("mcp_\\w+").matcher(text);
    while (names.find()) {
      used.add(names.group().replaceFirst("_(bucket|count|sum)$", ""));
    }
    assertThat(used).isNotEmpty();
    assertThat(table("metrics").keySet()).containsAll(used);
  }

  @Test
  void listsEveryAlert() throws IOException {
    Set<String> alerts =
        Files.readAllLines(OBSERVABILITY.resolve("alerts.yml")).stream()
            .filter(line -> line.contains("- alert: "))
            .map(line -> line.substring(line.indexOf(": ") + 2))
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(table("alerts").keySet()).isEqualTo(alerts);
  }

  @Test
  void promtoolAcceptsTheAlerts() throws Exception {
    Process process;
    try {
      process =
          new ProcessBuilder(
                  "promtool", "check", "rules", OBSERVABILITY.resolve("alerts.yml").toString())
              .inheritIO()
              .start();
    } catch (IOException e) {
      Assumptions.abort("promtool is not installed");
      return;
    }
    assertThat(process.waitFor()).isZero();
  }

  @Test
  void aNodeThatRunsExportsWhatIsListedAndNothingElse() throws Exception {
    Observability observability = Observability.create(new ObserveOptions());
    Vertx vertx = observability.builder().with(observability.observed(new VertxOptions())).build();
    observability.install(vertx);
    Node node = await(Node.deploy(vertx, config()));
    provoke(vertx, node);
    Awaitility.await()
        .untilAsserted(
            () ->
                assertThat(observability.scrape("text/plain"))
                    .contains("mcp_requests_active 0.0", "mcp_sessions{state=\"ready\"} 0.0"));
    HttpClient http = vertx.createHttpClient();
    assertThat(get(http, node, "/health/live").statusCode()).isEqualTo(200);
    assertThat(get(http, node, "/health/ready").statusCode()).isEqualTo(200);
    assertThat(get(http, node, "/secrets").statusCode()).isEqualTo(404);
    Map<String, Set<String>> exported = samples(observability.scrape("text/plain"));
    Map<String, Set<String>> documented = new TreeMap<>();
    GuideTable.rows(PAGE, "metrics").forEach(row -> documented.put(row.get(0), words(row.get(2))));
    assertThat(exported).isEqualTo(documented);
    await(node.stop());
    await(vertx.close());
    observability.close();
  }

  private NodeConfig config() {
    return NodeConfig.of(Role.ALL)
        .with(
            new JsonObject()
                .put("server", new JsonObject().put("port", 0))
                .put("observe", new JsonObject().put("managementPort", 0))
                .put(
                    "models",
                    new JsonObject()
                        .put("store", folder.toString())
                        .put("isolation", ModelIsolation.PROCESS)));
  }

  /** A session that loses its connection and goes on over another one. */
  private static void resume(Vertx vertx, Observability observed, McpClientOptions options)
      throws Exception {
    CutProxy network = new CutProxy(vertx, options.getPort());
    int port = await(network.start());
    McpClient client = McpClient.create(vertx, new McpClientOptions(options).setPort(port));
    await(client.connect());
    network.refuse(true);
    network.cut();
    Awaitility.await("the server to see that the connection is lost")
        .until(() -> observed.scrape("").contains("mcp_sessions{state=\"detached\"} 1.0"));
    network.refuse(false);
    await(client.list());
    await(client.close());
    await(network.close());
  }

  /** Something of each kind: a session that ends, requests that succeed and fail, a refusal. */
  private static void provoke(Vertx vertx, Node node) throws Exception {
    McpClientOptions options = new McpClientOptions().setPort(node.port());
    McpClient client = McpClient.create(vertx, options);
    await(client.connect());
    await(client.load(ModelUpload.of("add", "1", ADD)));
    Tensor one = Tensor.of("a", new float[] {1}, 1);
    await(client.infer("add", one, Tensor.of("b", new float[] {1}, 1)));
    fails(() -> await(client.infer("nothing", one)));
    batch(client);
    preprocess(client);
    await(client.watch(models -> {}));
    await(client.unload("add"));
    await(client.close());
    resume(vertx, Observability.of(vertx), options);
    McpClient stranger =
        McpClient.create(vertx, new McpClientOptions(options).setAuthMethod("mtls"));
    fails(() -> await(stranger.connect()));
  }

  /** The first two take the workers, so that others meet. */
  private static void batch(McpClient client) throws Exception {
    byte[] slow = "{\"op\":\"delay\",\"ms\":100}".getBytes(StandardCharsets.UTF_8);
    await(client.load(ModelUpload.of("slow", "1", slow).parameter("batch.max-size", "8")));
    List<Future<?>> calls = new ArrayList<>();
    for (int i = 0; i < 32; i++) {
      calls.add(client.infer("slow", Tensor.of("input", new float[] {i})));
    }
    await(Future.all(calls));
  }

  private static void preprocess(McpClient client) throws Exception {
    byte[] images =
        "{\"op\":\"identity\",\"dtype\":\"FLOAT\",\"shape\":[2,2,3]}"
            .getBytes(StandardCharsets.UTF_8);
    await(
        client.load(
            ModelUpload.of("images", "1", images).parameter("preprocess", "Cast(dtype=FLOAT)")));
    await(client.infer("images", Tensor.of("input", new byte[12], 2, 2, 3)));
  }

  private static void fails(ThrowableAssert.ThrowingCallable call) {
    assertThat(catchThrowable(call)).isNotNull();
  }

  private static HttpClientResponse get(HttpClient http, Node node, String path) throws Exception {
    return await(
        http.request(HttpMethod.GET, node.managementPort(), "127.0.0.1", path)
            .compose(request -> request.send()));
  }

  /** Labels by metric; what makes a histogram is one. */
  private static Map<String, Set<String>> samples(String text) {
    Map<String, Set<String>> found = new TreeMap<>();
    for (String line : text.lines().filter(line -> line.startsWith("mcp_")).toList()) {
      Matcher sample = SAMPLE.matcher(line);
      assertThat(sample.matches()).as(line).isTrue();
      String name = sample.group(1).replaceFirst("_(bucket|count|sum|max)$", "");
      Set<String> labels =
          sample.group(2) == null
              ? Set.of()
              : Arrays.stream(sample.group(2).split("\",?", -1))
                  .filter(part -> part.endsWith("="))
                  .map(part -> part.substring(0, part.length() - 1))
                  .filter(label -> !label.equals("le"))
                  .collect(Collectors.toSet());
      found.computeIfAbsent(name, n -> new TreeSet<>()).addAll(labels);
    }
    return found;
  }

  private static Set<String> words(String text) {
    return text.isEmpty() ? Set.of() : new TreeSet<>(List.of(text.split(" ", -1)));
  }
}
