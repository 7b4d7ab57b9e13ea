package io.modelcontrol.client;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.streams.ReadStream;

/**
 * Tokens as a model makes them. Opened by {@link McpClient#generate}. Thread-safe; handlers run on
 * the context that asked for the generation. Tokens wait for a handler, none is lost.
 *
 * <p>Back-pressure reaches the model: the server runs ahead of what the handler has taken by at
 * most the window of the request, then it computes nothing until more is taken.
 */
public interface McpGeneration extends ReadStream<GeneratedToken> {
  @Override
  McpGeneration handler(Handler<GeneratedToken> handler);

  /** Told once, after the last token, if the generation ends well. */
  @Override
  McpGeneration endHandler(Handler<Void> handler);

  /** Told once, with a {@link io.modelcontrol.McpException}, after the tokens that came before. */
  @Override
  McpGeneration exceptionHandler(Handler<Throwable> handler);

  @Override
  McpGeneration pause();

  @Override
  McpGeneration resume();

  @Override
  McpGeneration fetch(long amount);

  /** How it ended; completes after the handler has had the last token. */
  Future<GenerationEnd> result();

  /**
   * Ends the generation now: no token is told any more, and {@link #result()} fails with
   * REQUEST_CANCELED.
   */
  void cancel();
}
