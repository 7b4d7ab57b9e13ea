package io.modelcontrol.server;

import io.vertx.codegen.annotations.Fluent;
import io.vertx.codegen.annotations.VertxGen;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.net.SocketAddress;
import java.util.List;

/** A client's session, as the server sees it. Used on its own context only. */
@VertxGen
public interface McpServerSession {
  /** The id of the session verticle's deployment. */
  String deploymentID();

  /** Who the client was authenticated as. */
  String identity();

  /** The roles of the identity. */
  List<String> roles();

  /**
   * Whether the identity may send messages of this type for this model; the server has asked so for
   * each request before its handler sees it.
   */
  boolean mayDo(int messageType, String model);

  /** Where the client connects from. */
  SocketAddress remoteAddress();

  /** Adds one more who is told when the session has ended. */
  @Fluent
  McpServerSession closeHandler(Handler<Void> handler);

  /** Closes the session now. */
  Future<Void> close();
}
