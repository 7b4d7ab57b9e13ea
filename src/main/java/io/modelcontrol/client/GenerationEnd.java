package io.modelcontrol.client;

/**
 * How a generation ended.
 *
 * @param finishReason {@code stop} before a stop token, {@code length} after as many tokens as were
 *     asked for
 * @param tokens how many were made
 */
public record GenerationEnd(String finishReason, long tokens) {
  /** A stop token came next, which is not among the tokens. */
  public static final String STOP = "stop";

  /** As many tokens were made as were asked for, or as the model can hold. */
  public static final String LENGTH = "length";
}
