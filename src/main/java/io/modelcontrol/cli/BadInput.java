package io.modelcontrol.cli;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;

/**
 * What the user gave cannot be used. The text says what was expected and what came, but no path.
 */
final class BadInput {
  private BadInput() {}

  static McpException of(String text) {
    return McpException.streamError(ErrorCode.INVALID_ARGUMENT, text);
  }

  static McpException of(String text, Throwable cause) {
    return McpException.streamError(ErrorCode.INVALID_ARGUMENT, text, cause);
  }
}
