package io.modelcontrol.runtime.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtUtil;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Reads the strings that a run computed. The Java binding decodes them as Java's modified UTF-8,
 * which knows no character of four bytes: each of the four becomes a character of its own, while
 * the length of the string counts the first one only, so that the end of the string is cut off.
 *
 * <p>Where that may have happened, ONNX Runtime appends a suffix that is long enough to be cut
 * instead, and what is left of it tells how many such characters there are.
 */
final class OutputStrings {
  /** A character of four bytes as the binding decodes it: one character for each byte. */
  private static final Pattern TORN = Pattern.compile("[\u00F0-\u00F4][\u0080-\u00BF]{3}");

  /** Characters that a torn one takes beyond the one that it counts for. */
  private static final int EXCESS = 3;

  /** Begins the suffix and is nowhere else in it. */
  private static final char END = '\u0002';

  private static final char FILLER = '\u0001';

  private final OrtEnvironment environment;

  OutputStrings(OrtEnvironment environment) {
    this.environment = environment;
  }

  String[] read(OnnxTensor tensor) throws OrtException {
    String[] values = decoded(tensor);
    int longest = 0;
    for (String value : values) {
      longest = mayBeTorn(value) ? Math.max(longest, value.length()) : longest;
    }
    return longest == 0 ? values : readTorn(tensor, values, longest * EXCESS);
  }

  private static String[] decoded(OnnxTensor tensor) throws OrtException {
    Object value = tensor.getValue();
    return value instanceof String scalar ? new String[] {scalar} : OrtUtil.flattenString(value);
  }

  /** The first byte of a torn character is never among those that are cut off. */
  private static boolean mayBeTorn(String value) {
    return value.chars().anyMatch(c -> c >= 0xF0 && c <= 0xF4);
  }

  private String[] readTorn(OnnxTensor tensor, String[] values, int spare) throws OrtException {
    String suffix = END + String.valueOf(FILLER).repeat(spare);
    try (OrtSession.SessionOptions options = SessionSettings.create(1);
        OrtSession session = environment.createSession(StringModels.concatenation(), options);
        OnnxTensor end = OnnxTensor.createTensor(environment, new String[] {suffix}, new long[0]);
        OrtSession.Result result =
            session.run(Map.of(StringModels.TEXT, tensor, StringModels.SUFFIX, end))) {
      String[] extended = decoded((OnnxTensor) result.get(0));
      for (int i = 0; i < values.length; i++) {
        values[i] = mended(values[i], extended[i]);
      }
      return values;
    }
  }

  private static String mended(String value, String extended) throws OrtException {
    int end = extended.lastIndexOf(END);
    if (end < 0) {
      throw new OrtException("a string of the result holds U+0000");
    }
    String whole = extended.substring(0, end);
    int torn = (whole.length() - value.length()) / EXCESS;
    if (torn == 0) {
      return value;
    }
    // Text can look like a torn character; both in one string cannot be told apart.
    if (TORN.matcher(whole).results().count() != torn) {
      throw new OrtException("a string of the result cannot be read exactly");
    }
    return TORN.matcher(whole)
        .replaceAll(
            match ->
                new String(
                    match.group().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8));
  }
}
