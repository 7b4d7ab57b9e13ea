package io.modelcontrol.server;

import io.modelcontrol.McpException;
import io.modelcontrol.session.transport.McpStream;
import io.modelcontrol.wire.Message;
import io.vertx.codegen.annotations.GenIgnore;
import io.vertx.codegen.annotations.VertxGen;
import io.vertx.core.Future;

/**
 * A stream that a client has opened, with its first message. The handler that gets it owns the
 * message, answers on the stream and ends it. On the context of the session only.
 */
@VertxGen
public interface McpServerRequest {
  /** The session that the request came on. */
  McpServerSession session();

  /** The first message; the handler releases it, or passes it on. */
  @GenIgnore(GenIgnore.PERMITTED_TYPE)
  Message message();

  /**
   * The stream: further messages of the client arrive at its handler, and its exception handler
   * tells of a cancel, a {@link McpException}.
   */
  @GenIgnore(GenIgnore.PERMITTED_TYPE)
  McpStream stream();

  /**
   * Keeps the request's place on its session until this work has ended, also if the client has
   * canceled it before: so a session never keeps more busy than it may have streams. On the context
   * of the session, before its message is passed on.
   */
  @GenIgnore(GenIgnore.PERMITTED_TYPE)
  void occupy(Future<?> work);

  /** Sends the last message of the answer. */
  @GenIgnore(GenIgnore.PERMITTED_TYPE)
  Future<Void> reply(Message last);

  /**
   * Answers with a STATUS that carries the failure's code, what has no code being UNKNOWN, and the
   * trace context of the request.
   */
  Future<Void> fail(Throwable failure);
}
