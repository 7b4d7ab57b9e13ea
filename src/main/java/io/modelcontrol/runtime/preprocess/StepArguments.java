package io.modelcontrol.runtime.preprocess;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.PreprocessStep;
import java.util.Arrays;
import java.util.List;

/** Reads the arguments of one step; every refusal names the step and the argument. */
final class StepArguments {
  private final int position;
  private final PreprocessStep step;

  StepArguments(int position, PreprocessStep step) {
    this.position = position;
    this.step = step;
  }

  /** Refuses arguments that the operation does not know. */
  StepArguments only(String... known) {
    for (String name : step.args().keySet()) {
      if (!Arrays.asList(known).contains(name)) {
        String expected = known.length == 0 ? "none" : String.join(", ", known);
        throw invalid("does not know argument '" + name + "', expected " + expected);
      }
    }
    return this;
  }

  int size(String name) {
    String text = required(name);
    int value;
    try {
      value = Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw invalid("needs a whole number as '" + name + "', got '" + text + "'");
    }
    if (value < 1 || value > PreprocessChain.MAX_SIZE) {
      throw invalid(
          "needs '" + name + "' from 1 to " + PreprocessChain.MAX_SIZE + ", got " + value);
    }
    return value;
  }

  double number(String name) {
    return parseNumber(name, required(name));
  }

  /** A comma list of finite numbers: one, or one for each channel. */
  double[] numbers(String name) {
    String[] parts = required(name).split(",", -1);
    if (parts.length != 1 && parts.length != 3 && parts.length != 4) {
      throw invalid("needs 1, 3 or 4 numbers as '" + name + "', got " + parts.length);
    }
    double[] values = new double[parts.length];
    for (int i = 0; i < parts.length; i++) {
      values[i] = parseNumber(name, parts[i].trim());
    }
    return values;
  }

  /** One of the given words. */
  String word(String name, List<String> allowed) {
    String text = required(name);
    if (!allowed.contains(text)) {
      throw invalid(
          "needs " + String.join(" or ", allowed) + " as '" + name + "', got '" + text + "'");
    }
    return text;
  }

  String wordOr(String name, List<String> allowed, String otherwise) {
    return step.args().containsKey(name) ? word(name, allowed) : otherwise;
  }

  McpException invalid(String what) {
    return McpException.streamError(
        ErrorCode.INVALID_ARGUMENT, "preprocess step " + position + " " + step.op() + " " + what);
  }

  private String required(String name) {
    String value = step.args().get(name);
    if (value == null) {
      throw invalid("lacks argument '" + name + "'");
    }
    return value.trim();
  }

  private double parseNumber(String name, String text) {
    double value;
    try {
      value = Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw invalid("needs a number as '" + name + "', got '" + text + "'");
    }
    // Pixels are floats: what is no finite float cannot be meant.
    if (!Float.isFinite((float) value)) {
      throw invalid("needs a finite number as '" + name + "', got '" + text + "'");
    }
    return value;
  }
}
