package io.modelcontrol.cli;

/** What was typed, or a file that was named, is wrong: nothing was asked of a server. */
final class UsageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UsageException(String text) {
    super(text);
  }

  UsageException(String text, Throwable cause) {
    super(text, cause);
  }
}
