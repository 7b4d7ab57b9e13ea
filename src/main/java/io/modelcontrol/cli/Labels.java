package io.modelcontrol.cli;

import io.modelcontrol.McpException;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import java.util.List;

/** Names of a classifier's classes, by index. */
public final class Labels {
  /** No names: each class is called by its index. */
  public static final Labels NONE = new Labels(List.of());

  private final List<String> names;

  private Labels(List<String> names) {
    this.names = names;
  }

  /**
   * Reads a label file: a JSON array of strings, or a line for each class, the first for class 0.
   * Blank lines at the end do not count.
   *
   * @throws McpException INVALID_ARGUMENT if the text is an array of anything else
   */
  public static Labels parse(String text) {
    if (!text.stripLeading().startsWith("[")) {
      return new Labels(text.stripTrailing().lines().map(String::strip).toList());
    }
    try {
      return new Labels(new JsonArray(text).stream().map(Labels::name).toList());
    } catch (DecodeException e) {
      throw BadInput.of("the labels are no valid JSON array", e);
    }
  }

  private static String name(Object value) {
    if (value instanceof String name) {
      return name;
    }
    throw BadInput.of("the labels must be strings, got " + value);
  }

  public int size() {
    return names.size();
  }

  /** The name of a class, or its index where it has none. */
  public String of(int index) {
    return index < names.size() ? names.get(index) : Integer.toString(index);
  }
}
