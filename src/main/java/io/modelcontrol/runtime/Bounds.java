package io.modelcontrol.runtime;

import java.util.List;

/** Checks of options. */
final class Bounds {
  private Bounds() {}

  static long atLeast(String name, long value, long least) {
    if (value < least) {
      throw new IllegalArgumentException(name + " must be at least " + least + ": " + value);
    }
    return value;
  }

  static int within(String name, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(name + " must be " + least + " to " + most + ": " + value);
    }
    return value;
  }

  static String oneOf(String name, String value, List<String> allowed) {
    if (!allowed.contains(value)) {
      throw new IllegalArgumentException(
          name + " must be one of " + String.join(", ", allowed) + ": '" + value + "'");
    }
    return value;
  }
}
