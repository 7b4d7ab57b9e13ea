package io.modelcontrol.model;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The load parameters beside a model's content: the few lines of YAML that are a list of names and
 * plain values, {@code name: value}, with comments and empty lines. Everything else that YAML has
 * is refused, by the number of its line: quotes, blocks, lists, anchors, tags, documents.
 */
final class ModelYaml {
  static final int MAX_BYTES = 64 * 1024;

  private static final Pattern LINE =
      Pattern.compile("([A-Za-z0-9][A-Za-z0-9._*-]{0,254}): +(\\S(?:.*\\S)?)");

  /** What would begin something else than a plain value. */
  private static final String INDICATORS = "[]{}&*!|>'\"%@`#,?-:";

  private ModelYaml() {}

  /**
   * Reads a file's bytes.
   *
   * @throws IllegalArgumentException naming the line that is something else
   */
  static Map<String, String> parse(byte[] bytes) {
    if (bytes.length > MAX_BYTES) {
      throw new IllegalArgumentException("more than " + MAX_BYTES + " bytes");
    }
    String[] lines = utf8(bytes).split("\r?\n", -1);
    Map<String, String> parameters = new LinkedHashMap<>();
    for (int i = 0; i < lines.length; i++) {
      String line = lines[i];
      if (!line.isBlank() && !line.startsWith("#")) {
        read(line, i + 1, parameters);
      }
    }
    return parameters;
  }

  private static void read(String line, int number, Map<String, String> parameters) {
    Matcher found = LINE.matcher(line.stripTrailing());
    if (!found.matches() || line.chars().anyMatch(c -> c < ' ' || c == 0x7F)) {
      throw wrong(number, "'name: value' was expected");
    }
    String value = found.group(2);
    if (isNegativeNumber(value)) {
      put(number, found.group(1), value, parameters);
      return;
    }
    if (INDICATORS.indexOf(value.charAt(0)) >= 0) {
      throw wrong(number, "a plain value was expected, it begins with " + value.charAt(0));
    }
    if (value.contains(": ") || value.contains(" #") || value.endsWith(":")) {
      throw wrong(number, "a plain value was expected, without ': ' and ' #'");
    }
    put(number, found.group(1), value, parameters);
  }

  private static boolean isNegativeNumber(String value) {
    return value.matches("-[0-9.]+");
  }

  private static void put(int number, String name, String value, Map<String, String> parameters) {
    if (parameters.putIfAbsent(name, value) != null) {
      throw wrong(number, "'" + name + "' stands there twice");
    }
  }

  private static IllegalArgumentException wrong(int line, String why) {
    return new IllegalArgumentException("line " + line + ": " + why);
  }

  private static String utf8(byte[] bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("it is not UTF-8", e);
    }
  }
}
