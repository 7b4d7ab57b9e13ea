package io.modelcontrol.verticle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.modelcontrol.cluster.ClusterOptions;
import io.modelcontrol.observe.ObserveOptions;
import io.modelcontrol.observe.TracingOptions;
import io.modelcontrol.runtime.ModelHostOptions;
import io.modelcontrol.runtime.ModelSettings;
import io.modelcontrol.runtime.SignatureOptions;
import io.modelcontrol.server.AuthOptions;
import io.modelcontrol.server.McpServerOptions;
import io.modelcontrol.server.TokenOptions;
import io.modelcontrol.serving.ServingOptions;
import io.modelcontrol.tls.TlsOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.json.schema.Draft;
import io.vertx.json.schema.JsonSchema;
import io.vertx.json.schema.JsonSchemaOptions;
import io.vertx.json.schema.OutputUnit;
import io.vertx.json.schema.Validator;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class NodeConfigTest {
  private static final Map<String, JsonObject> DEFAULTS =
      Map.of(
          "server", new McpServerOptions().toJson(),
          "auth", new AuthOptions().toJson(),
          "serving", new ServingOptions().toJson(),
          "models", new ModelHostOptions().toJson(),
          "observe", new ObserveOptions().toJson(),
          "cluster", new ClusterOptions().toJson());

  private static final Map<String, Class<?>> OPTIONS =
      Map.of(
          "server", McpServerOptions.class,
          "auth", AuthOptions.class,
          "serving", ServingOptions.class,
          "models", ModelHostOptions.class,
          "observe", ObserveOptions.class,
          "cluster", ClusterOptions.class);

  /** Options of Vert.x itself, for those who embed the server. */
  private static final Set<String> NOT_CONFIGURED = Set.of("tcp");

  @TempDir private Path folder;

  @ParameterizedTest
  @EnumSource(Role.class)
  void everyBuiltInFileFitsTheSchema(Role role) {
    JsonObject file = NodeConfig.builtIn("config/" + role.word() + ".json");
    JsonSchemaOptions options =
        new JsonSchemaOptions().setDraft(Draft.DRAFT202012).setBaseUri("app://config");
    OutputUnit result =
        Validator.create(JsonSchema.of(NodeConfig.builtIn("config/schema.json")), options)
            .validate(file);
    assertThat(result.getValid()).as("%s", result.getErrors()).isTrue();
  }

  @Test
  void everyKeyOfTheSchemaIsASetterAndEverySetterAKey() {
    JsonObject sections = NodeConfig.builtIn("config/schema.json").getJsonObject("properties");
    assertThat(sections.fieldNames()).isEqualTo(OPTIONS.keySet());
    OPTIONS.forEach(
        (section, options) -> {
          JsonObject schema = sections.getJsonObject(section);
          assertThat(schema.getBoolean("additionalProperties")).isFalse();
          assertThat(schema.getJsonObject("properties").fieldNames())
              .as(section)
              .containsExactlyInAnyOrderElementsOf(setters(options));
        });
    assertThat(properties(properties(sections, "server"), "tls").fieldNames())
        .containsExactlyInAnyOrderElementsOf(setters(TlsOptions.class));
    assertThat(properties(properties(sections, "models"), "signatures").fieldNames())
        .containsExactlyInAnyOrderElementsOf(setters(SignatureOptions.class));
    assertThat(properties(properties(sections, "observe"), "tracing").fieldNames())
        .containsExactlyInAnyOrderElementsOf(setters(TracingOptions.class));
    assertThat(properties(properties(sections, "auth"), "token").fieldNames())
        .containsExactlyInAnyOrderElementsOf(setters(TokenOptions.class));
    assertThat(
            properties(properties(sections, "models").getJsonObject("perModel"), "items")
                .fieldNames())
        .containsExactlyInAnyOrderElementsOf(setters(ModelSettings.class));
  }

  private static JsonObject properties(JsonObject schemas, String key) {
    return schemas.getJsonObject(key).getJsonObject("properties");
  }

  private static Set<String> setters(Class<?> options) {
    return Arrays.stream(options.getMethods())
        .map(Method::getName)
        .filter(name -> name.startsWith("set"))
        .map(name -> Character.toLowerCase(name.charAt(3)) + name.substring(4))
        .filter(name -> !NOT_CONFIGURED.contains(name))
        .collect(Collectors.toSet());
  }

  @ParameterizedTest
  @EnumSource(Role.class)
  void everyBuiltInValueIsTheDefaultOfTheOptionsAndIsExplained(Role role) {
    JsonObject file = NodeConfig.builtIn("config/" + role.word() + ".json");
    for (String section : file.fieldNames()) {
      if (section.startsWith("//")) {
        continue;
      }
      JsonObject keys = file.getJsonObject(section);
      for (String key : keys.fieldNames()) {
        if (!key.startsWith("//")) {
          assertThat(String.valueOf(keys.getValue(key)))
              .as("%s.%s", section, key)
              .isEqualTo(String.valueOf(DEFAULTS.get(section).getValue(key)));
          assertThat(keys.getString("//" + key)).as("comment of %s", key).isNotBlank();
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "server, streamWindwo, server.streamWindowBytes",
    "server, keepAliveMs, server.keepaliveMs",
    "server, prot, server.port",
    "models, stroe, models.store",
    "serving, timeout, serving.timeoutMs"
  })
  void namesTheKeyThatATypoMeant(String section, String typo, String meant) {
    JsonObject keys = new JsonObject().put(section, new JsonObject().put(typo, 70000));
    assertThatThrownBy(() -> NodeConfig.of(Role.ALL).with(keys))
        .hasMessageContaining("unknown key '" + section + "." + typo + "'")
        .hasMessageContaining("did you mean '" + meant + "'?");
  }

  @Test
  void listsWhatIsKnownWhereNothingIsNear() {
    assertThatThrownBy(() -> NodeConfig.of(Role.ALL).with(new JsonObject().put("zzzzzzzzz", 1)))
        .hasMessageContaining("unknown key 'zzzzzzzzz', known are server");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"server\": 1}                                | key 'server' must be an object, not 1",
        "{\"server\": {\"port\": \"9001\"}}             | must be a whole number, not the string",
        "{\"server\": {\"port\": 1.5}}                  | must be a whole number, not 1.5",
        "{\"server\": {\"port\": 70000}}                | must be at most 65535, not 70000",
        "{\"server\": {\"streamWindowBytes\": 1}}       | must be at least 65536, not 1",
        "{\"server\": {\"host\": null}}                 | must be a string, not null",
        "{\"server\": {\"anonymousBeyondLoopback\": 1}} | must be a string, not 1",
        "{\"server\": {\"anonymousBeyondLoopback\": \"true\"}} | must be one of",
        "{\"server\": {\"tls\": {\"verifyHost\": 1}}} | 'server.tls.verifyHost' must be true or false",
        "{\"cluster\": {\"members\": \"a\"}}            | must be an array, not the string",
        "{\"cluster\": {\"members\": [1]}}              | key 'cluster.members[]' must be a string"
      })
  void refusesAValueOfTheWrongTypeOrBeyondItsBounds(String json, String message) {
    assertThatThrownBy(() -> NodeConfig.of(Role.ALL).with(new JsonObject(json)))
        .hasMessageContaining(message);
  }

  @Test
  void aFileGoesOverTheBuiltInAndFlagsOverBoth() throws IOException {
    Path file = folder.resolve("node.json");
    Files.writeString(
        file,
        "{\"//\": \"mine\", \"server\": {\"port\": 1234, \"//\": \"why\", \"keepaliveMs\": 5}}");
    NodeConfig config =
        NodeConfig.of(Role.ALL)
            .withFile(file)
            .with(new JsonObject().put("server", new JsonObject().put("port", 0)));
    JsonObject server = config.section("server");
    assertThat(server.getInteger("port")).isZero();
    assertThat(server.getInteger("keepaliveMs")).isEqualTo(5);
    assertThat(server.getString("host")).isEqualTo("127.0.0.1");
    assertThat(server.fieldNames()).noneMatch(key -> key.startsWith("//"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"not json", "[1]", "''"})
  void refusesAFileThatIsNoJsonObject(String text) throws IOException {
    Path file = folder.resolve("node.json");
    Files.writeString(file, text);
    assertThatThrownBy(() -> NodeConfig.of(Role.ALL).withFile(file))
        .hasMessage("config: the file holds no JSON object");
  }

  @Test
  void refusesAFileThatIsNotThere() {
    assertThatThrownBy(() -> NodeConfig.of(Role.ALL).withFile(folder.resolve("absent.json")))
        .hasMessage("config: the file cannot be read");
  }
}
