package io.modelcontrol.runtime;

import io.modelcontrol.McpException;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * How a request wants its tokens chosen.
 *
 * @param maxTokens after so many the generation ends
 * @param temperature 0 takes the most likely token
 * @param topK chooses among so many of the most likely tokens; 0 among all
 * @param topP chooses among the fewest tokens whose probabilities sum up to it; 1 among all
 * @param seed the same seed gives the same tokens
 * @param stopTokens ends the generation; is not part of it
 */
record GenerateOptions(
    int maxTokens, double temperature, int topK, double topP, long seed, Set<Long> stopTokens) {
  static final int DEFAULT_MAX_TOKENS = 256;
  private static final int MAX_TOKENS = 1_000_000;
  private static final double MAX_TEMPERATURE = 100;
  private static final int MAX_STOP_TOKENS = 256;
  private static final Pattern WHOLE = Pattern.compile("[0-9]{1,18}");
  private static final Pattern SIGNED = Pattern.compile("-?[0-9]{1,18}");
  private static final Pattern DECIMAL = Pattern.compile("[0-9]{1,9}(\\.[0-9]{1,18})?");

  GenerateOptions {
    stopTokens = Set.copyOf(stopTokens);
  }

  /**
   * Reads a request's parameters.
   *
   * @throws McpException INVALID_ARGUMENT that names the parameter
   */
  static GenerateOptions of(Map<String, String> parameters) {
    return new GenerateOptions(
        (int) whole(parameters, "max-tokens", 1, MAX_TOKENS, DEFAULT_MAX_TOKENS),
        decimal(parameters, "temperature", MAX_TEMPERATURE, 0),
        (int) whole(parameters, "top-k", 0, Integer.MAX_VALUE, 0),
        topP(parameters),
        seed(parameters),
        stopTokens(parameters));
  }

  private static long whole(
      Map<String, String> parameters, String key, long lowest, long highest, long otherwise) {
    String value = parameters.get(key);
    if (value == null) {
      return otherwise;
    }
    long number = WHOLE.matcher(value).matches() ? Long.parseLong(value) : -1;
    if (number < lowest || number > highest) {
      throw invalid(key, value, "a whole number from " + lowest + " to " + highest);
    }
    return number;
  }

  private static double decimal(
      Map<String, String> parameters, String key, double highest, double otherwise) {
    String value = parameters.get(key);
    if (value == null) {
      return otherwise;
    }
    double number = DECIMAL.matcher(value).matches() ? Double.parseDouble(value) : -1;
    if (number < 0 || number > highest) {
      throw invalid(key, value, "a decimal number from 0 to " + highest);
    }
    return number;
  }

  private static double topP(Map<String, String> parameters) {
    double topP = decimal(parameters, "top-p", 1, 1);
    if (topP == 0) {
      throw invalid("top-p", parameters.get("top-p"), "a decimal number above 0, at most 1");
    }
    return topP;
  }

  private static long seed(Map<String, String> parameters) {
    String value = parameters.get("seed");
    if (value == null) {
      return ThreadLocalRandom.current().nextLong();
    }
    if (!SIGNED.matcher(value).matches()) {
      throw invalid("seed", value, "a whole number of at most 18 digits");
    }
    return Long.parseLong(value);
  }

  private static Set<Long> stopTokens(Map<String, String> parameters) {
    String value = parameters.get("stop-tokens");
    if (value == null || value.isEmpty()) {
      return Set.of();
    }
    String[] ids = value.split(",", MAX_STOP_TOKENS + 1);
    for (String id : ids) {
      if (!WHOLE.matcher(id).matches() || ids.length > MAX_STOP_TOKENS) {
        throw invalid(
            "stop-tokens", value, "at most " + MAX_STOP_TOKENS + " token ids such as 2,13");
      }
    }
    return Arrays.stream(ids).map(Long::valueOf).collect(Collectors.toUnmodifiableSet());
  }

  private static McpException invalid(String key, String value, String expected) {
    String shown = value.length() <= 32 ? value : value.substring(0, 32) + "...";
    return StateSpec.invalid(key, "is '" + shown + "', expected " + expected);
  }
}
