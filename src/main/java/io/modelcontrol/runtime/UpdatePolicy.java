package io.modelcontrol.runtime;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * How a new version takes over, as the parameters of a MODEL_UPDATE say. Specification, "Update".
 *
 * @param kind at once, or after a trial
 * @param sharePercent of requests that the new version gets in a trial, 0 to 100
 * @param identities whose requests all go to it in a trial
 * @param compares whether a trial also compares its answers with those of the active version
 * @param trialRequests requests after which a trial is passed
 * @param trialMs milliseconds after which a trial that is not passed has failed
 * @param maxErrorRate share of the trial's requests that may fail, 0 to 1
 * @param maxLatencyRatio how many times as long the slowest tenth of its runs may take
 * @param maxDisagreement share of the compared answers that may differ, 0 to 1
 * @param tolerance how far numbers may differ, relative to the larger of 1 and the active version's
 * @param promotesItself whether the version becomes active when it has passed its trial
 */
record UpdatePolicy(
    Kind kind,
    int sharePercent,
    Set<String> identities,
    boolean compares,
    int trialRequests,
    int trialMs,
    double maxErrorRate,
    double maxLatencyRatio,
    double maxDisagreement,
    double tolerance,
    boolean promotesItself) {

  /** Parameters that begin so are for the update; all others for the model's runtime. */
  static final String PREFIX = "update.";

  /** What an update does once its version is loaded and warm. */
  enum Kind {
    /** It becomes active. */
    ALL,
    /** It answers a share of the requests first. */
    CANARY,
    /** It gets copies of requests first, and its answers are compared only. */
    SHADOW
  }

  private static final int MAX_TRIAL_REQUESTS = 10_000_000;
  private static final int MAX_TRIAL_MS = 7 * 24 * 3600 * 1000;
  private static final double MAX_RATIO = 1_000;

  /**
   * Reads the parameters of a MODEL_UPDATE.
   *
   * @throws McpException INVALID_ARGUMENT if one is unknown or has no allowed value
   */
  static UpdatePolicy of(Map<String, String> parameters) {
    Map<String, String> given = new LinkedHashMap<>();
    parameters.forEach(
        (key, value) -> {
          if (key.startsWith(PREFIX)) {
            given.put(key.substring(PREFIX.length()), value);
          }
        });
    Values values = new Values(given);
    Kind kind = values.kind();
    Set<String> identities = values.words("identities");
    int defaultShare = kind == Kind.SHADOW ? 100 : identities.isEmpty() ? 10 : 0;
    UpdatePolicy policy =
        new UpdatePolicy(
            kind,
            values.integer("share", defaultShare, 0, 100),
            identities,
            values.flag("compare", kind == Kind.SHADOW),
            values.integer("trial-requests", 200, 1, MAX_TRIAL_REQUESTS),
            values.integer("trial-ms", 600_000, 1, MAX_TRIAL_MS),
            values.number("max-error-rate", 0.01, 1),
            values.number("max-latency-ratio", 2, MAX_RATIO),
            values.number("max-disagreement", 0.01, 1),
            values.number("tolerance", 0.001, 1),
            values.flag("promote", true));
    values.requireNoOthers();
    if (kind != Kind.ALL && policy.sharePercent == 0 && identities.isEmpty()) {
      throw invalid("share", "0", "1 to 100, or update.identities");
    }
    return policy;
  }

  /** What of the parameters is for the model's runtime. */
  static Map<String, String> runtimeParameters(Map<String, String> parameters) {
    return parameters.entrySet().stream()
        .filter(entry -> !entry.getKey().startsWith(PREFIX))
        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
  }

  private static McpException invalid(String key, String value, String expected) {
    String shown = value.length() > 32 ? value.substring(0, 32) + "..." : value;
    return McpException.streamError(
        ErrorCode.INVALID_ARGUMENT,
        "parameter " + PREFIX + key + " is '" + shown + "', expected " + expected);
  }

  /** Takes parameters out one by one, so that what is left is unknown. */
  private record Values(Map<String, String> left) {
    Kind kind() {
      String word = take("policy", "all");
      for (Kind kind : Kind.values()) {
        if (kind.name().equalsIgnoreCase(word)) {
          return kind;
        }
      }
      throw invalid("policy", word, "all, canary or shadow");
    }

    Set<String> words(String key) {
      return Arrays.stream(take(key, "").split(","))
          .map(String::strip)
          .filter(word -> !word.isEmpty())
          .collect(Collectors.toCollection(TreeSet::new));
    }

    int integer(String key, int otherwise, int least, int most) {
      String word = take(key, Integer.toString(otherwise));
      long value = word.matches("[0-9]{1,9}") ? Long.parseLong(word) : -1;
      if (value < least || value > most) {
        throw invalid(key, word, least + " to " + most);
      }
      return (int) value;
    }

    double number(String key, double otherwise, double most) {
      String word = take(key, Double.toString(otherwise));
      double value = word.matches("[0-9]{1,9}([.][0-9]{1,9})?") ? Double.parseDouble(word) : -1;
      if (value < 0 || value > most) {
        throw invalid(key, word, "a number from 0 to " + most);
      }
      return value;
    }

    boolean flag(String key, boolean otherwise) {
      String word = take(key, Boolean.toString(otherwise));
      if (!word.equals("true") && !word.equals("false")) {
        throw invalid(key, word, "true or false");
      }
      return word.equals("true");
    }

    void requireNoOthers() {
      if (!left.isEmpty()) {
        String key = left.keySet().iterator().next();
        throw invalid(key, left.get(key), "no such parameter");
      }
    }

    private String take(String key, String otherwise) {
      String value = left.remove(key);
      return value == null ? otherwise : value;
    }
  }
}
