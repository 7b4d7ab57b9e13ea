package io.modelcontrol.runtime.onnx;

import ai.onnxruntime.OrtException;
import java.util.regex.Pattern;

/**
 * ONNX Runtime's message as it may be shown to a peer: one line, no path, no source position, no
 * native function, of bounded length.
 */
final class Reason {
  /** Characters of a reason; what is cut off rarely says more. */
  static final int MAX_LENGTH = 200;

  /** Characters of a name that a message quotes. */
  private static final int MAX_NAME_LENGTH = 64;

  /** Bounds the work of the patterns on a message that a model may have written. */
  private static final int MAX_INSPECTED = 4_000;

  private static final Pattern CODE = Pattern.compile("^Error code - \\w+ - message: ");
  private static final Pattern LOADING = Pattern.compile("Load model from .* failed: ?");
  private static final Pattern SOURCE =
      Pattern.compile(
          "\\S*\\.(?:cc|cpp|h|hpp):\\d+"
              + "(?: [\\w:&*<>, ~]{1,200}\\([^()]{0,400}\\)(?: const|::<lambda\\(\\)>)?)?:? ?");

  /** The folders of an absolute path; its last part may stay. */
  private static final Pattern FOLDERS =
      Pattern.compile("(?<![\\w./\\\\])(?:[A-Za-z]:|\\.\\.?)?[/\\\\](?:[^\\s/\\\\'\"]+[/\\\\])*");

  private static final Pattern UNPRINTABLE = Pattern.compile("[\\p{C}\\s]+");

  private Reason() {}

  static String of(OrtException failure) {
    return of(String.valueOf(failure.getMessage()));
  }

  static String of(String message) {
    String text = message.substring(0, Math.min(message.length(), MAX_INSPECTED));
    text = UNPRINTABLE.matcher(text).replaceAll(" ");
    text = CODE.matcher(text).replaceFirst("");
    text = LOADING.matcher(text).replaceFirst("");
    text = SOURCE.matcher(text).replaceAll("");
    text = FOLDERS.matcher(text).replaceAll("").strip();
    return text.isEmpty() ? "no reason was given" : cut(text, MAX_LENGTH);
  }

  /** A name of a model or a request, quoted for a message. */
  static String quoted(String name) {
    return "'" + cut(UNPRINTABLE.matcher(name).replaceAll(" "), MAX_NAME_LENGTH) + "'";
  }

  private static String cut(String text, int length) {
    return text.length() <= length ? text : text.substring(0, length - 3) + "...";
  }
}
