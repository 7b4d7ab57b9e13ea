package io.modelcontrol;

import java.util.regex.Pattern;

/**
 * Name and version of a model. Both are plain words, so that they can stand in an address, a metric
 * or a log line: a letter or digit, then letters, digits, dot, underscore and hyphen.
 *
 * @param name 1 to 255 characters
 * @param version 1 to 64 characters
 */
public record ModelId(String name, String version) {
  /** The longest name that field 0x10 carries. */
  public static final int MAX_NAME_LENGTH = 255;

  public static final int MAX_VERSION_LENGTH = 64;

  private static final Pattern WORD = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*");

  /**
   * Checks both parts.
   *
   * @throws McpException INVALID_ARGUMENT if one of them is not a plain word
   */
  public ModelId {
    checkName(name);
    checkVersion(version);
  }

  /**
   * Checks a name alone, where the version is left to the server.
   *
   * @throws McpException INVALID_ARGUMENT
   */
  public static String checkName(String name) {
    return check("model name", name, MAX_NAME_LENGTH);
  }

  /**
   * Checks a version alone.
   *
   * @throws McpException INVALID_ARGUMENT
   */
  public static String checkVersion(String version) {
    return check("model version", version, MAX_VERSION_LENGTH);
  }

  private static String check(String what, String word, int maxLength) {
    if (word == null || word.isEmpty()) {
      throw McpException.streamError(ErrorCode.INVALID_ARGUMENT, what + " is missing");
    }
    if (word.length() > maxLength) {
      throw McpException.streamError(
          ErrorCode.INVALID_ARGUMENT,
          what + " has " + word.length() + " characters, at most " + maxLength);
    }
    if (!WORD.matcher(word).matches()) {
      throw McpException.streamError(
          ErrorCode.INVALID_ARGUMENT,
          what + " must be a letter or digit followed by letters, digits, '.', '_' or '-'");
    }
    return word;
  }

  @Override
  public String toString() {
    return name + "/" + version;
  }
}
