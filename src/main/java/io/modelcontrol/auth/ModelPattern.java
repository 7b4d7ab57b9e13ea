package io.modelcontrol.auth;

import java.util.Objects;

/**
 * A pattern of model names, in which {@code *} stands for any number of characters. Matching is
 * linear in the name for each star: no pattern makes a request slow.
 */
public final class ModelPattern {
  private final String pattern;
  private final String[] parts;

  /** A pattern of this text. */
  public ModelPattern(String pattern) {
    this.pattern = Objects.requireNonNull(pattern, "pattern");
    this.parts = pattern.split("\\*", -1);
  }

  /** Whether a name is one of those that are meant. */
  public boolean matches(String name) {
    if (parts.length == 1) {
      return name.equals(pattern);
    }
    String first = parts[0];
    String last = parts[parts.length - 1];
    if (!name.startsWith(first) || name.length() < first.length() + last.length()) {
      return false;
    }
    int at = first.length();
    int end = name.length() - last.length();
    for (int i = 1; i < parts.length - 1; i++) {
      int found = name.indexOf(parts[i], at);
      if (found < 0 || found + parts[i].length() > end) {
        return false;
      }
      at = found + parts[i].length();
    }
    return name.endsWith(last);
  }

  @Override
  public String toString() {
    return pattern;
  }
}
