package io.modelcontrol.server.impl;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.auth.Identity;
import io.modelcontrol.auth.Presented;
import io.modelcontrol.server.McpServerSession;
import io.modelcontrol.session.ResumeTokens;
import io.modelcontrol.session.Resumption;
import io.modelcontrol.session.SessionTokens;
import io.modelcontrol.session.transport.McpStream;
import io.modelcontrol.session.transport.SessionConnection;
import io.modelcontrol.telemetry.Activity;
import io.modelcontrol.telemetry.Operation;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageType;
import io.vertx.core.Context;
import io.vertx.core.Deployable;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.net.NetSocketInternal;
import io.vertx.core.net.SocketAddress;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLPeerUnverifiedException;

/**
 * One session of one client: a verticle on the event loop of its socket, from the accept until the
 * session has closed. Holds the session's state machine; requests go from here to their handlers.
 */
final class SessionVerticle implements Deployable, McpServerSession, SessionConnection.Listener {
  private final McpServerImpl server;
  private final Promise<Void> closed = Promise.promise();
  private final RunningWork running;
  private NetSocketInternal socket;
  private SessionConnection connection;
  private SessionTokens tokens;
  private Detachment detachment;
  private String deploymentId;
  private boolean ended;
  private Handler<Void> closeHandler;
  private volatile Identity identity;
  private final HandshakeWatch handshake;
  private Activity session = Activity.NONE;
  private Activity detached = Activity.NONE;

  SessionVerticle(McpServerImpl server, NetSocketInternal socket) {
    this.server = server;
    this.socket = socket;
    this.handshake =
        new HandshakeWatch(server.telemetry(), server.isTls(), HandshakeWatch.Phase.NEGOTIATE);
    this.running = new RunningWork(server.sessionConfig().limits().maxConcurrentStreams());
  }

  @Override
  public Future<?> deploy(Context context) {
    connection =
        new SessionConnection(
            (ContextInternal) context,
            server.sessionConfig(),
            socket.channelHandlerContext().alloc(),
            this);
    connection.start(socket.channelHandlerContext());
    return Future.succeededFuture();
  }

  /** Told by the server once the deployment has its id. */
  void deployed(String id) {
    deploymentId = id;
    if (ended) {
      server.undeploy(this);
    }
  }

  @Override
  public Future<?> undeploy(Context context) {
    if (!ended) {
      connection.drive(connection.session()::close);
    }
    return Future.succeededFuture();
  }

  /** Drains the session, from any thread. */
  void shutdown() {
    connection.context().runOnContext(v -> connection.drive(connection.session()::shutdown));
  }

  @Override
  public void onReady() {
    handshake.ready();
    session = server.telemetry().start(Operation.SESSION, null);
    connection.context().dispatch(this, server::onReady);
  }

  @Override
  public void onAuthRequest(String method, byte[] credential) {
    try {
      identity = server.auth().authenticate(presented(method, credential));
    } catch (McpException e) {
      connection.session().refuseAuth(e);
      return;
    }
    connection.session().acceptAuth(identity.name(), identity.roles(), firstToken());
  }

  private Presented presented(String method, byte[] credential) {
    return new Presented(method, credential, certificates());
  }

  /** What TLS has verified; empty without TLS, and where the client has shown none. */
  private List<X509Certificate> certificates() {
    if (!socket.isSsl()) {
      return List.of();
    }
    try {
      return socket.peerCertificates().stream().map(X509Certificate.class::cast).toList();
    } catch (SSLPeerUnverifiedException e) {
      return List.of();
    }
  }

  /** Ends the session if its client may not be here any more; from any thread. */
  void endIfRevoked() {
    Identity known = identity;
    if (known != null && server.auth().isRevoked(known)) {
      McpException revoked =
          McpException.sessionError(
              ErrorCode.UNAUTHENTICATED, "the identity or its certificate was revoked");
      connection.context().execute(v -> connection.drive(() -> connection.session().fail(revoked)));
    }
  }

  @Override
  public boolean mayDo(int messageType, String model) {
    return server.auth().mayDo(identity, messageType, model);
  }

  private byte[] firstToken() {
    if (!connection.session().resumption().isNegotiated()) {
      return null;
    }
    tokens = server.resumable().register(this, identity.name());
    return tokens.next(server.resumable().expiresMs());
  }

  @Override
  public void onResumeRequest(String method, byte[] credential, byte[] token, long received) {
    ResumableSessions.Found earlier;
    Identity now;
    try {
      now = server.auth().authenticate(presented(method, credential));
      earlier = server.resumable().find(token, now.name());
    } catch (McpException e) {
      connection.session().refuseAuth(e);
      return;
    }
    // Its roles may be others by now; the certificate as well.
    earlier.session().identity = now;
    earlier.session().resume(earlier.claim(), received, this);
  }

  /** Goes on over the connection of another verticle, which was opened for it. */
  private void resume(ResumeTokens.Claim claim, long received, SessionVerticle opened) {
    connection
        .context()
        .execute(
            v -> {
              byte[] nextToken = nextToken(claim, received);
              opened
                  .connection
                  .context()
                  .execute(w -> opened.giveConnectionTo(this, received, nextToken));
            });
  }

  /** The token that answers a resumption; {@code null} where there is none. */
  private byte[] nextToken(ResumeTokens.Claim claim, long received) {
    Resumption resumption = connection.session().resumption();
    return resumption.isPossibleFrom(received) && tokens.use(claim, resumption.isHeard())
        ? tokens.next(server.resumable().expiresMs())
        : null;
  }

  private void giveConnectionTo(SessionVerticle earlier, long received, byte[] tokenOrNull) {
    if (tokenOrNull == null) {
      McpException rejected = ResumeTokens.rejected("the session token is used up");
      connection.drive(() -> connection.session().refuseAuth(rejected));
    } else if (earlier.connection.attach(connection, received, tokenOrNull)) {
      socket.shutdownHandler(grace -> earlier.shutdown());
      earlier.connection.context().execute(v -> earlier.onAttached(socket));
      handshake.ready();
      onGone();
    }
  }

  private void onAttached(NetSocketInternal newSocket) {
    socket = newSocket;
    detached.end();
    endDetachment();
  }

  @Override
  public void onDetached(McpException error) {
    if (server.isClosing()) {
      giveUp("the server is being closed");
    } else {
      endDetachment();
      detachment = new Detachment(connection.context().owner(), server.options(), this);
      detached = server.telemetry().start(Operation.DETACHMENT, null);
      server.resumable().onDetached(this);
    }
  }

  private void endDetachment() {
    if (detachment != null) {
      detachment.end();
      detachment = null;
      server.resumable().onAttached(this);
    }
  }

  /** Ends a session that has no connection; from any thread. */
  void giveUp(String why) {
    connection
        .context()
        .execute(
            v -> {
              if (!connection.session().resumption().isAttached()) {
                McpException error =
                    McpException.sessionError(ErrorCode.NETWORK_CONNECTION_CLOSED, why);
                connection.drive(() -> connection.session().fail(error));
              }
            });
  }

  /** Bytes that the session keeps for its client. */
  long heldBytes() {
    return connection.session().resumption().heldBytes();
  }

  @Override
  public void onStream(McpStream stream) {
    stream.endHandler(v -> stream.end());
    stream.handler(
        first -> {
          try {
            running.check(first);
          } catch (McpException e) {
            first.release();
            stream.reset(e);
            return;
          }
          ServerRequest request = new ServerRequest(this, stream, first, running, started(first));
          stream.closeHandler(ended -> close(request.activity(), ended));
          try {
            server.auth().check(identity, first);
          } catch (McpException e) {
            first.release();
            stream.handler(Message::release);
            request.activity().fail(e);
            stream.end(Message.error(e).traceparent(first.traceparent()));
            return;
          }
          stream.handler(Message::release);
          stream.endHandler(null);
          server.dispatch(request);
        });
  }

  @Override
  public void onClosed(McpException errorOrNull) {
    if (connection.session().remoteNegotiation() != null) {
      handshake.negotiated();
    }
    handshake.closed(errorOrNull);
    if (errorOrNull == null) {
      detached.end();
      session.end();
    } else {
      detached.passOn(errorOrNull);
      session.fail(errorOrNull);
    }
    endDetachment();
    if (tokens != null) {
      server.resumable().remove(this, tokens);
    }
    onGone();
    if (closeHandler != null) {
      connection.context().dispatch(null, closeHandler);
    }
  }

  private void onGone() {
    ended = true;
    closed.tryComplete();
    if (deploymentId != null) {
      server.undeploy(this);
    }
  }

  @Override
  public String deploymentID() {
    return deploymentId;
  }

  @Override
  public String identity() {
    return connection.session().identity();
  }

  @Override
  public List<String> roles() {
    return connection.session().roles();
  }

  @Override
  public SocketAddress remoteAddress() {
    return socket.remoteAddress();
  }

  @Override
  public McpServerSession closeHandler(Handler<Void> handler) {
    Handler<Void> before = closeHandler;
    closeHandler =
        before == null
            ? handler
            : v -> {
              before.handle(null);
              handler.handle(null);
            };
    return this;
  }

  @Override
  public Future<Void> close() {
    connection.context().execute(v -> connection.drive(connection.session()::close));
    return closed.future();
  }

  /** Whoever has told the outcome before was first. */
  private static void close(Activity activity, Throwable failureOrNull) {
    if (failureOrNull == null) {
      activity.end();
    } else {
      activity.fail(failureOrNull);
    }
  }

  /** What follows from a request carries its trace from here on. */
  private Activity started(Message first) {
    Activity activity =
        server.telemetry().start(Operation.REQUEST, first.traceparent(), first.tracestate());
    if (activity.context() != null) {
      first
          .traceparent(activity.context().traceparent())
          .tracestate(activity.context().tracestate());
    }
    return activity.tag("type", MessageType.describe(first.type())).tag("model", first.modelName());
  }

  /** A request of the session has its outcome. */
  void ended(Message request, ErrorCode outcome) {
    server.auth().ended(identity, request, outcome);
  }

  /** Fails a stream whose first message nobody handles. */
  static McpException unhandled(int messageType) {
    return McpException.streamError(
        ErrorCode.UNSUPPORTED_MESSAGE,
        "no handler for messages of type 0x" + Integer.toHexString(messageType));
  }
}
