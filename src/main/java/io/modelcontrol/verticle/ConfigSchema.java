package io.modelcontrol.verticle;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Set;

/**
 * Checks a config against {@code config/schema.json}. A key that is not there is refused together
 * with the key that was probably meant; a generic validator would only say that something is.
 */
final class ConfigSchema {
  /**
   * Keys that begin so are comments: JSON has none, and these files are read by other tools too.
   */
  static final String COMMENT = "//";

  private final JsonObject root;

  ConfigSchema(JsonObject root) {
    this.root = root;
  }

  /**
   * Checks all keys, types and bounds.
   *
   * @throws McpException INVALID_ARGUMENT that names the first key that is wrong
   */
  void check(JsonObject config) {
    checkObject("", root, config);
  }

  private void checkObject(String path, JsonObject schema, JsonObject object) {
    JsonObject properties = schema.getJsonObject("properties");
    for (String key : object.fieldNames()) {
      if (!key.startsWith(COMMENT)) {
        checkKnown(path, key, properties.fieldNames());
        check(path + key, properties.getJsonObject(key), object.getValue(key));
      }
    }
  }

  private static void checkKnown(String path, String key, Set<String> known) {
    if (!known.contains(key)) {
      String nearest = NearestWord.of(key, known);
      String hint =
          nearest == null
              ? "known are " + String.join(", ", known)
              : "did you mean '" + path + nearest + "'?";
      throw refused("unknown key '" + path + key + "', " + hint);
    }
  }

  private void check(String path, JsonObject schema, Object value) {
    switch (schema.getString("type")) {
      case "object" -> {
        require(value instanceof JsonObject, path, "an object", value);
        checkObject(path + ".", schema, (JsonObject) value);
      }
      case "array" -> {
        require(value instanceof JsonArray, path, "an array", value);
        ((JsonArray) value)
            .forEach(item -> check(path + "[]", schema.getJsonObject("items"), item));
      }
      case "integer" -> checkInteger(path, schema, value);
      case "number" -> checkNumber(path, schema, value);
      case "boolean" -> require(value instanceof Boolean, path, "true or false", value);
      default -> checkString(path, schema, value);
    }
  }

  private static void checkNumber(String path, JsonObject schema, Object value) {
    require(value instanceof Number, path, "a number", value);
    double number = ((Number) value).doubleValue();
    double least = schema.getDouble("minimum", Double.NEGATIVE_INFINITY);
    double most = schema.getDouble("maximum", Double.POSITIVE_INFINITY);
    require(number >= least && number <= most, path, least + " to " + most, value);
  }

  private static void checkString(String path, JsonObject schema, Object value) {
    require(value instanceof String, path, "a string", value);
    JsonArray words = schema.getJsonArray("enum");
    if (words != null) {
      require(words.contains(value), path, "one of " + words.encode(), value);
    }
  }

  private static void checkInteger(String path, JsonObject schema, Object value) {
    boolean whole = value instanceof Integer || value instanceof Long;
    require(whole, path, "a whole number", value);
    long number = ((Number) value).longValue();
    long least = schema.getLong("minimum", Long.MIN_VALUE);
    long most = schema.getLong("maximum", Long.MAX_VALUE);
    require(number >= least, path, "at least " + least, value);
    require(number <= most, path, "at most " + most, value);
  }

  private static void require(boolean met, String path, String expected, Object value) {
    if (!met) {
      throw refused("key '" + path + "' must be " + expected + ", not " + shown(value));
    }
  }

  private static String shown(Object value) {
    if (value instanceof JsonObject) {
      return "an object";
    }
    if (value instanceof JsonArray) {
      return "an array";
    }
    return value instanceof String ? "the string \"" + value + '"' : String.valueOf(value);
  }

  private static McpException refused(String text) {
    return McpException.streamError(ErrorCode.INVALID_ARGUMENT, "config: " + text);
  }
}
