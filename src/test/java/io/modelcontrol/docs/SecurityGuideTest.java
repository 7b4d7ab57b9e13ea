package io.modelcontrol.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.modelcontrol.server.AuthOptions;
import io.modelcontrol.server.TokenOptions;
import io.modelcontrol.tls.TlsFailure;
import io.modelcontrol.tls.TlsOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What the page on security says of options and reasons is so. */
class SecurityGuideTest {
  private static final Path PAGE = Path.of("src/main/asciidoc/security.adoc");

  @Test
  void listsEveryOptionOfTlsWithItsDefault() {
    assertOptions("options-tls", TlsOptions.class, new TlsOptions().toJson());
  }

  @Test
  void listsEveryReasonOfAFailedHandshake() {
    Map<String, String> actual =
        Arrays.stream(TlsFailure.values())
            .collect(Collectors.toMap(TlsFailure::reason, TlsFailure::text));
    assertThat(table("tls-failures")).containsExactlyInAnyOrderEntriesOf(actual);
  }

  @Test
  void listsEveryOptionOfAuthenticationWithItsDefault() {
    assertOptions("options-auth", AuthOptions.class, new AuthOptions().toJson());
    assertOptions("options-token", TokenOptions.class, new TokenOptions().toJson());
  }

  @Test
  void tellsTheDefaultRules() {
    List<List<String>> actual =
        new AuthOptions()
            .getRules().stream()
                .map(
                    rule ->
                        List.of(
                            rule.getString("role"),
                            words(rule.getJsonArray("types")),
                            words(rule.getJsonArray("models"))))
                .toList();
    assertThat(GuideTable.rows(PAGE, "auth-rules")).isEqualTo(actual);
  }

  private static String words(JsonArray list) {
    return list.stream().map(String::valueOf).collect(Collectors.joining(" "));
  }

  private static void assertOptions(String anchor, Class<?> options, JsonObject defaults) {
    Map<String, String> actual = new LinkedHashMap<>();
    for (Method method : options.getMethods()) {
      if (method.getName().startsWith("set")) {
        String name = method.getName().substring("set".length());
        String key = Character.toLowerCase(name.charAt(0)) + name.substring(1);
        Object value = defaults.getValue(key);
        actual.put(
            key, value == null ? "" : key.equals("rules") ? "see below" : String.valueOf(value));
      }
    }
    assertThat(table(anchor)).containsExactlyInAnyOrderEntriesOf(actual);
  }

  private static Map<String, String> table(String anchor) {
    Map<String, String> rows = new LinkedHashMap<>();
    GuideTable.rows(PAGE, anchor).forEach(row -> rows.put(row.get(0), row.get(1)));
    return rows;
  }
}
