package io.modelcontrol.runtime.preprocess;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.PreprocessStep;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The text of a preprocess chain, as the load parameter {@code preprocess} carries it. Two forms:
 *
 * <pre>
 * Resize(width=28, height=28, mode=bilinear); Color(to=GRAY); Cast(dtype=FLOAT)
 * [{"op": "Resize", "args": {"width": "28", "height": "28"}}, {"op": "Invert"}]
 * </pre>
 *
 * <p>In the first, a list of numbers needs no quotes: {@code Normalize(mean=1,2,3, std=4)}. In the
 * second, an argument is a string, a number, or an array of these. Whether operations and arguments
 * make sense is for {@link PreprocessChain#compile} to say.
 */
public final class PreprocessSteps {
  /** Characters of a chain: far more than the steps it may have need. */
  public static final int MAX_LENGTH = 64 * 1024;

  private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9_]*");
  private static final Pattern PLAIN_VALUE =
      Pattern.compile("[A-Za-z0-9_.+-]+(,[A-Za-z0-9_.+-]+)*");

  private PreprocessSteps() {}

  /**
   * Reads either form; blank text is an empty chain.
   *
   * @throws McpException INVALID_ARGUMENT if the text is neither
   */
  public static List<PreprocessStep> parse(String text) {
    if (text.length() > MAX_LENGTH) {
      throw invalid("has " + text.length() + " characters, at most " + MAX_LENGTH);
    }
    String trimmed = text.trim();
    List<PreprocessStep> steps = trimmed.startsWith("[") ? parseJson(trimmed) : parseText(trimmed);
    if (steps.size() > PreprocessChain.MAX_STEPS) {
      throw invalid("has " + steps.size() + " steps, at most " + PreprocessChain.MAX_STEPS);
    }
    return steps;
  }

  /** The text form, or JSON where a name or a value would be ambiguous in it. */
  public static String format(List<PreprocessStep> steps) {
    if (!steps.stream().allMatch(PreprocessSteps::isPlain)) {
      return formatJson(steps);
    }
    return steps.stream().map(PreprocessSteps::formatStep).collect(Collectors.joining("; "));
  }

  private static boolean isPlain(PreprocessStep step) {
    return NAME.matcher(step.op()).matches()
        && step.args().keySet().stream().allMatch(name -> NAME.matcher(name).matches())
        && step.args().values().stream().allMatch(value -> PLAIN_VALUE.matcher(value).matches());
  }

  private static String formatStep(PreprocessStep step) {
    return step.args().entrySet().stream()
        .map(arg -> arg.getKey() + "=" + arg.getValue())
        .collect(Collectors.joining(", ", step.op() + "(", ")"));
  }

  private static String formatJson(List<PreprocessStep> steps) {
    JsonArray array = new JsonArray();
    for (PreprocessStep step : steps) {
      array.add(new JsonObject().put("op", step.op()).put("args", new JsonObject(copy(step))));
    }
    return array.encode();
  }

  private static Map<String, Object> copy(PreprocessStep step) {
    return new LinkedHashMap<>(step.args());
  }

  private static List<PreprocessStep> parseText(String text) {
    List<PreprocessStep> steps = new ArrayList<>();
    if (text.isEmpty()) {
      return steps;
    }
    for (String part : text.split(";", -1)) {
      steps.add(parseStep(part.trim(), steps.size() + 1));
    }
    return steps;
  }

  private static PreprocessStep parseStep(String text, int position) {
    int open = text.indexOf('(');
    String op = (open < 0 ? text : text.substring(0, open)).trim();
    if (!NAME.matcher(op).matches() || (open >= 0 && !text.endsWith(")"))) {
      throw invalid("has no step of the form Name(key=value, ...) at position " + position);
    }
    String inside = open < 0 ? "" : text.substring(open + 1, text.length() - 1).trim();
    return new PreprocessStep(op, inside.isEmpty() ? Map.of() : parseArgs(op, inside));
  }

  private static Map<String, String> parseArgs(String op, String text) {
    Map<String, String> args = new LinkedHashMap<>();
    String name = null;
    for (String piece : text.split(",", -1)) {
      int equals = piece.indexOf('=');
      if (equals < 0) {
        continueList(op, args, name, piece.trim());
        continue;
      }
      name = piece.substring(0, equals).trim();
      String value = piece.substring(equals + 1).trim();
      if (!NAME.matcher(name).matches() || value.isEmpty() || hasSyntax(value)) {
        throw invalid("has an argument of " + op + " that is not of the form key=value");
      }
      if (args.put(name, value) != null) {
        throw invalid("has argument '" + name + "' of " + op + " twice");
      }
    }
    return args;
  }

  /** A piece without an equals sign is the next number of the list before it. */
  private static void continueList(String op, Map<String, String> args, String name, String piece) {
    if (name == null || piece.isEmpty() || hasSyntax(piece)) {
      throw invalid("has an argument of " + op + " that is not of the form key=value");
    }
    args.merge(name, piece, (list, next) -> list + "," + next);
  }

  private static boolean hasSyntax(String value) {
    return value.indexOf('(') >= 0 || value.indexOf(')') >= 0 || value.indexOf('=') >= 0;
  }

  private static List<PreprocessStep> parseJson(String text) {
    JsonArray array;
    try {
      array = new JsonArray(text);
    } catch (DecodeException e) {
      throw invalid("is no valid JSON array");
    }
    List<PreprocessStep> steps = new ArrayList<>();
    for (Object element : array) {
      steps.add(stepOf(element, steps.size() + 1));
    }
    return steps;
  }

  private static PreprocessStep stepOf(Object element, int position) {
    if (!(element instanceof JsonObject step)
        || !(step.getValue("op") instanceof String op)
        || !(step.getValue("args", new JsonObject()) instanceof JsonObject given)
        || step.size() > (step.containsKey("args") ? 2 : 1)) {
      throw invalid("needs {\"op\": ..., \"args\": {...}} at position " + position);
    }
    Map<String, String> args = new LinkedHashMap<>();
    for (Map.Entry<String, Object> arg : given) {
      args.put(arg.getKey(), argument(op, arg.getKey(), arg.getValue()));
    }
    return new PreprocessStep(op, args);
  }

  private static String argument(String op, String name, Object value) {
    if (value instanceof JsonArray list) {
      return list.stream()
          .map(element -> scalar(op, name, element))
          .collect(Collectors.joining(","));
    }
    return scalar(op, name, value);
  }

  private static String scalar(String op, String name, Object value) {
    if (value instanceof String || value instanceof Number) {
      return value.toString();
    }
    throw invalid("has argument '" + name + "' of " + op + " that is no string, number or array");
  }

  private static McpException invalid(String what) {
    return McpException.streamError(ErrorCode.INVALID_ARGUMENT, "parameter 'preprocess' " + what);
  }
}
