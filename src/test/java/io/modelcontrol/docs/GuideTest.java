package io.modelcontrol.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.modelcontrol.McpException;
import io.modelcontrol.PreprocessStep;
import io.modelcontrol.client.McpClientOptions;
import io.modelcontrol.client.RetryOptions;
import io.modelcontrol.cluster.ClusterOptions;
import io.modelcontrol.runtime.ModelHostOptions;
import io.modelcontrol.runtime.preprocess.PreprocessChain;
import io.modelcontrol.server.McpServerOptions;
import io.modelcontrol.serving.ServingOptions;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the guide and the README say of options, steps, files and code is so. */
class GuideTest {
  private static final Path GUIDE = Path.of("src/main/asciidoc/index.adoc");
  private static final Path README = Path.of("README.adoc");
  private static final Pattern LINK = Pattern.compile("(?:link:|image::)([\\w./-]+)\\[");
  private static final Pattern JAVA_BLOCK =
      Pattern.compile("(?s)\\[source,java]\\n----\\n(.*?)\\n----");

  /** Their tables name them in words. */
  private static final Set<String> NOT_IN_TABLES = Set.of("tcp", "credential", "retry");

  /** Their defaults depend on the machine. */
  private static final Set<String> BY_MACHINE =
      Set.of("workersPerModel", "workerPoolSize", "maxModelMemoryBytes");

  @Test
  void listsEveryOptionWithItsDefault() {
    assertOptions("options-server", new McpServerOptions().toJson());
    assertOptions("options-serving", new ServingOptions().toJson());
    assertOptions("options-models", new ModelHostOptions().toJson());
    assertOptions("options-cluster", new ClusterOptions().toJson());
    assertOptions("options-client", new McpClientOptions().toJson());
    assertOptions("options-retry", new RetryOptions().toJson());
  }

  private static void assertOptions(String table, JsonObject defaults) {
    Map<String, String> documented = new LinkedHashMap<>();
    rows(table).forEach(row -> documented.put(row.get(0), row.get(1)));
    Map<String, String> actual = new LinkedHashMap<>();
    for (String key : defaults.fieldNames()) {
      if (!NOT_IN_TABLES.contains(key)) {
        String value = String.valueOf(defaults.getValue(key));
        actual.put(key, BY_MACHINE.contains(key) ? documented.get(key) : value);
      }
    }
    assertThat(documented).as(table).containsExactlyInAnyOrderEntriesOf(actual);
  }

  @Test
  void listsEveryPreprocessStep() {
    McpException unknown =
        catchThrowableOfType(
            McpException.class,
            () -> PreprocessChain.compile(List.of(new PreprocessStep("None", Map.of()))));
    String steps = String.join(", ", rows("preprocess-steps").stream().map(r -> r.get(0)).toList());
    assertThat(unknown).hasMessageEndingWith("expected " + steps);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "README.adoc",
        "src/main/asciidoc/index.adoc",
        "src/main/asciidoc/benchmarks.adoc",
        "src/main/asciidoc/benchmark-report.adoc",
        "src/main/asciidoc/lifecycle.adoc",
        "src/main/asciidoc/streams.adoc",
        "src/main/asciidoc/weak-networks.adoc",
        "src/main/asciidoc/workers.adoc",
        "src/main/asciidoc/pushing.adoc",
        "src/main/asciidoc/specification.adoc"
      })
  void linksToFilesThatAreThere(String document) {
    Path folder = Path.of(document).toAbsolutePath().getParent();
    LINK.matcher(read(Path.of(document)))
        .results()
        .map(match -> folder.resolve(match.group(1)))
        .forEach(file -> assertThat(file).exists());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "README.adoc",
        "src/main/asciidoc/index.adoc",
        "src/main/asciidoc/benchmarks.adoc",
        "src/main/asciidoc/benchmark-report.adoc",
        "src/main/asciidoc/lifecycle.adoc",
        "src/main/asciidoc/streams.adoc",
        "src/main/asciidoc/weak-networks.adoc",
        "src/main/asciidoc/workers.adoc",
        "src/main/asciidoc/pushing.adoc",
        "src/main/asciidoc/specification.adoc"
      })
  void saysFirstWhichProtocolItIs(String document) {
    String text = read(Path.of(document));
    assertThat(text.indexOf("Model Context Protocol")).isBetween(0, 500);
  }

  @Test
  void theReadmeQuotesCompiledLines() {
    String examples =
        read(Path.of("examples/EmbeddedServer.java"))
            + read(Path.of("examples/ClientExamples.java"));
    List<String> compiled = examples.lines().map(String::strip).toList();
    List<String> quoted =
        JAVA_BLOCK
            .matcher(read(README))
            .results()
            .map(MatchResult::group)
            .flatMap(block -> block.lines().skip(2))
            .map(String::strip)
            .filter(line -> !line.equals("----"))
            .toList();
    assertThat(quoted).isNotEmpty();
    assertThat(compiled).containsAll(quoted);
  }

  private static List<List<String>> rows(String anchor) {
    return GuideTable.rows(GUIDE, anchor);
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
