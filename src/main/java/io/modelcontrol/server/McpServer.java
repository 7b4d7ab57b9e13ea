package io.modelcontrol.server;

import io.modelcontrol.auth.AuthChain;
import io.modelcontrol.auth.Authenticator;
import io.modelcontrol.server.impl.McpServerImpl;
import io.modelcontrol.wire.MessageType;
import io.vertx.codegen.annotations.Fluent;
import io.vertx.codegen.annotations.GenIgnore;
import io.vertx.codegen.annotations.VertxGen;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import java.util.concurrent.TimeUnit;

/**
 * A server of MCP, the Model Control Protocol (not the Model Context Protocol).
 *
 * <p>Each accepted connection is a session, and each session a verticle on the event loop of its
 * socket, deployed as a child of the verticle that listens. A request is dispatched by the type of
 * its first message. Handlers are registered before {@link #listen()}.
 */
@VertxGen
public interface McpServer {
  /** Creates a server with default options: 127.0.0.1, port 9001. */
  static McpServer create(Vertx vertx) {
    return create(vertx, new McpServerOptions());
  }

  /** Creates a server. */
  static McpServer create(Vertx vertx, McpServerOptions options) {
    return new McpServerImpl(vertx, options);
  }

  /**
   * Registers who handles requests whose first message has this type; a standard one or, from 0x80
   * up, an application's own. Runs on the context of the session.
   *
   * @param messageType 0x05 to 0x0C or 0x80 to 0xFF
   * @throws IllegalArgumentException for a type that opens no request
   */
  @Fluent
  McpServer requestHandler(int messageType, Handler<McpServerRequest> handler);

  /** As {@link #requestHandler(int, Handler)}, for a standard type. */
  @GenIgnore(GenIgnore.PERMITTED_TYPE)
  default McpServer requestHandler(MessageType type, Handler<McpServerRequest> handler) {
    return requestHandler(type.code(), handler);
  }

  /** Offers clients a capability that the request handlers have; before the server listens. */
  @Fluent
  McpServer capability(String name);

  /** Registers who is told of each session that has become Ready, on the session's context. */
  @Fluent
  McpServer sessionHandler(Handler<McpServerSession> handler);

  /**
   * Replaces {@link Authenticator#anonymous()}; every identity may then do everything. For roles
   * see {@link #auth(AuthOptions)} and {@link #auth(AuthChain)}.
   */
  @Fluent
  @GenIgnore(GenIgnore.PERMITTED_TYPE)
  McpServer authenticator(Authenticator authenticator);

  /** Sets who may come in and what each role may do; what no rule allows is denied. */
  @Fluent
  McpServer auth(AuthOptions options);

  /** As {@link #auth(AuthOptions)}, by a chain of the application's own. */
  @Fluent
  @GenIgnore(GenIgnore.PERMITTED_TYPE)
  McpServer auth(AuthChain chain);

  /**
   * Listens on the address of the options. Sessions become children of the calling verticle.
   *
   * @return failed if the port is in use, or if the server would serve anybody beyond loopback
   *     without being told so
   */
  Future<McpServer> listen();

  /**
   * Reads the certificates of TLS again at once; sessions that are there go on. Without TLS it does
   * nothing.
   *
   * @return failed with INVALID_ARGUMENT if they cannot be used: those from before are kept
   */
  Future<Void> reloadCertificates();

  /** The port that is listened on; 0 before. */
  int actualPort();

  /** Number of sessions that are open, Ready or not. */
  int sessionCount();

  /**
   * Accepts no more sessions and no more requests, lets the running ones finish, and closes what is
   * left after the timeout.
   */
  Future<Void> shutdown(long timeout, TimeUnit unit);

  /** Closes all sessions now. */
  Future<Void> close();
}
