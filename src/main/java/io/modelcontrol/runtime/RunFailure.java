package io.modelcontrol.runtime;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;

/** What a caller is told of a run that failed: of any kind, as nobody else would tell him. */
public final class RunFailure {
  private RunFailure() {}

  /**
   * The error that a failure stands for: itself, RESOURCE_EXHAUSTED for want of memory, or
   * RUNTIME_FAILURE. What is not itself is for the log of whoever asks.
   *
   * @param whoseMemory what has too little, for the text: "the node"
   */
  public static McpException of(Throwable failure, String whoseMemory) {
    if (failure instanceof McpException typed) {
      return typed;
    }
    if (failure instanceof OutOfMemoryError) {
      return McpException.streamError(
          ErrorCode.RESOURCE_EXHAUSTED,
          whoseMemory + " has too little memory for the request",
          failure);
    }
    return McpException.streamError(ErrorCode.RUNTIME_FAILURE, "the model runtime failed", failure);
  }
}
