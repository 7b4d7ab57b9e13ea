package io.modelcontrol.server.impl;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.auth.AuthChain;
import io.modelcontrol.auth.Authenticator;
import io.modelcontrol.server.AuthOptions;
import io.modelcontrol.server.McpServer;
import io.modelcontrol.server.McpServerOptions;
import io.modelcontrol.server.McpServerRequest;
import io.modelcontrol.server.McpServerSession;
import io.modelcontrol.session.SessionConfig;
import io.modelcontrol.session.SessionRole;
import io.modelcontrol.session.transport.Endpoint;
import io.modelcontrol.telemetry.Telemetry;
import io.modelcontrol.tls.Tls;
import io.modelcontrol.tls.TlsFailure;
import io.modelcontrol.wire.Limits;
import io.modelcontrol.wire.MessageCompressor;
import io.modelcontrol.wire.MessageType;
import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.internal.net.NetSocketInternal;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLHandshakeException;

/** Accepts connections, deploys a session verticle for each, and dispatches their requests. */
public final class McpServerImpl implements McpServer {
  private static final int FIRST_APPLICATION_TYPE = 0x80;
  private static final int TYPES = 0x100;

  /** What is left for the last frames of sessions that were not drained in time. */
  private static final long FAREWELL_MS = 500;

  private final VertxInternal vertx;
  private final McpServerOptions options;
  private SessionConfig sessionConfig;
  private final IntObjectMap<Handler<McpServerRequest>> requestHandlers = new IntObjectHashMap<>();
  private final Set<SessionVerticle> sessions = ConcurrentHashMap.newKeySet();
  private Handler<McpServerSession> sessionHandler;
  private final ServerAuth auth;
  private final ResumableSessions resumable;
  private final Tls tls;
  private final Telemetry telemetry;
  private volatile NetServer netServer;
  private volatile boolean closing;
  private String parentDeploymentId;

  public McpServerImpl(Vertx vertx, McpServerOptions options) {
    this.vertx = (VertxInternal) vertx;
    this.options = new McpServerOptions(options);
    this.sessionConfig = sessionConfig(options);
    this.auth = new ServerAuth(vertx);
    if (options.getTls() != null && options.getTls().getClientAuth() == ClientAuth.REQUIRED) {
      auth.use(new AuthOptions().setMethods(List.of(Authenticator.MTLS)));
    }
    this.telemetry = Telemetry.of(vertx);
    this.resumable = new ResumableSessions(options.getMaxDetachedSessions());
    this.tls = options.getTls() == null ? null : Tls.server(vertx, options.getTls());
  }

  @Override
  public McpServer requestHandler(int messageType, Handler<McpServerRequest> handler) {
    boolean standard =
        messageType >= MessageType.MODEL_LOAD_REQ.code()
            && messageType <= MessageType.STATUS.code();
    boolean application = messageType >= FIRST_APPLICATION_TYPE && messageType < TYPES;
    if (!standard && !application) {
      throw new IllegalArgumentException(
          "messageType must be 0x05 to 0x0C or 0x80 to 0xFF: 0x"
              + Integer.toHexString(messageType));
    }
    requestHandlers.put(messageType, handler);
    return this;
  }

  @Override
  public McpServer sessionHandler(Handler<McpServerSession> handler) {
    sessionHandler = handler;
    return this;
  }

  @Override
  public McpServer authenticator(Authenticator newAuthenticator) {
    auth.use(newAuthenticator);
    return this;
  }

  @Override
  public McpServer auth(AuthOptions newOptions) {
    auth.use(newOptions);
    return this;
  }

  @Override
  public McpServer auth(AuthChain chain) {
    auth.use(chain);
    return this;
  }

  @Override
  public Future<McpServer> listen() {
    ContextInternal context = vertx.getOrCreateContext();
    if (netServer != null) {
      return context.failedFuture(new IllegalStateException("the server listens already"));
    }
    return context
        .executeBlockingInternal(this::checkAnonymous)
        .compose(checked -> auth.start(this::endRevokedSessions))
        .compose(started -> tls == null ? Future.succeededFuture() : tls.start())
        .compose(
            started -> {
              parentDeploymentId = context.deploymentID();
              netServer =
                  vertx
                      .createNetServer(tcpOptions())
                      .connectHandler(this::accept)
                      .exceptionHandler(this::onTlsFailed);
              return netServer.listen(Endpoint.of(options.getHost(), options.getPort()));
            })
        .map(this);
  }

  private NetServerOptions tcpOptions() {
    NetServerOptions tcp = new NetServerOptions(options.getTcp());
    if (tls != null) {
      tls.applyTo(tcp, options.getHandshakeTimeoutMs());
      tcp.setClientAuth(options.getTls().getClientAuth());
    }
    return tcp;
  }

  /** Blocks: resolves the host name. */
  private Void checkAnonymous() throws UnknownHostException {
    if (auth.isAnonymous()
        && options.getAnonymousBeyondLoopback().isEmpty()
        && !Endpoint.isUnix(options.getHost())) {
      for (InetAddress address : InetAddress.getAllByName(options.getHost())) {
        if (!address.isLoopbackAddress()) {
          throw McpException.streamError(
              ErrorCode.INVALID_ARGUMENT,
              "host "
                  + options.getHost()
                  + " is reachable by others, and nobody is authenticated: set"
                  + " an authenticator, listen on 127.0.0.1, or set anonymousBeyondLoopback to '"
                  + McpServerOptions.ANYONE_MAY_USE_IT
                  + "'");
        }
      }
    }
    return null;
  }

  private void onTlsFailed(Throwable failure) {
    if (tls != null) {
      new HandshakeWatch(telemetry, true, HandshakeWatch.Phase.TLS).tlsFailed(failure);
    }
  }

  private void accept(NetSocket socket) {
    NetSocketInternal internal = (NetSocketInternal) socket;
    if (tls != null && !Tls.isAgreed(internal)) {
      onTlsFailed(new SSLHandshakeException(TlsFailure.ALPN_MISMATCH.text()));
      socket.close();
      return;
    }
    SessionVerticle verticle = new SessionVerticle(this, internal);
    sessions.add(verticle);
    socket.shutdownHandler(grace -> verticle.shutdown());
    SessionDeployment.deploy(
            vertx,
            parentDeploymentId,
            internal.channelHandlerContext().channel().eventLoop(),
            verticle)
        .onSuccess(verticle::deployed)
        .onFailure(
            failure -> {
              sessions.remove(verticle);
              socket.close();
            });
  }

  /** The session has closed: its verticle goes with it. */
  void undeploy(SessionVerticle verticle) {
    if (sessions.remove(verticle)
        && vertx.deploymentManager().deployment(verticle.deploymentID()) != null) {
      vertx.undeploy(verticle.deploymentID());
    }
  }

  ResumableSessions resumable() {
    return resumable;
  }

  /** Whether sessions end with their connections from now on. */
  boolean isClosing() {
    return closing;
  }

  McpServerOptions options() {
    return options;
  }

  SessionConfig sessionConfig() {
    return sessionConfig;
  }

  Telemetry telemetry() {
    return telemetry;
  }

  boolean isTls() {
    return tls != null;
  }

  ServerAuth auth() {
    return auth;
  }

  private void endRevokedSessions() {
    sessions.forEach(SessionVerticle::endIfRevoked);
  }

  void onReady(McpServerSession session) {
    if (sessionHandler != null) {
      sessionHandler.handle(session);
    }
  }

  void dispatch(ServerRequest request) {
    int type = request.message().type();
    Handler<McpServerRequest> handler = requestHandlers.get(type);
    if (handler == null) {
      request.message().release();
      request.fail(SessionVerticle.unhandled(type));
      return;
    }
    try {
      handler.handle(request);
    } catch (RuntimeException e) {
      request.fail(e);
      throw e;
    }
  }

  @Override
  public Future<Void> reloadCertificates() {
    return tls == null ? Future.succeededFuture() : tls.reload();
  }

  @Override
  public int actualPort() {
    return netServer == null ? 0 : netServer.actualPort();
  }

  @Override
  public int sessionCount() {
    return sessions.size();
  }

  @Override
  public Future<Void> shutdown(long timeout, TimeUnit unit) {
    beginClosing();
    sessions.forEach(session -> session.giveUp("the server is being closed"));
    if (netServer == null) {
      return auth.stop();
    }
    long timeoutMs = unit.toMillis(timeout);
    if (timeoutMs < 1) {
      return close();
    }
    long timer = vertx.setTimer(timeoutMs, id -> closeSessions());
    return netServer
        .shutdown(timeoutMs + FAREWELL_MS, TimeUnit.MILLISECONDS)
        .onComplete(done -> vertx.cancelTimer(timer))
        .eventually(auth::stop);
  }

  @Override
  public Future<Void> close() {
    beginClosing();
    return netServer == null
        ? auth.stop()
        : closeSessions().eventually(netServer::close).eventually(auth::stop);
  }

  private void beginClosing() {
    closing = true;
    if (tls != null) {
      tls.stop();
    }
  }

  /** Tells the clients that there is nothing to come back to, which a closed socket would not. */
  private Future<Void> closeSessions() {
    return Future.join(sessions.stream().map(SessionVerticle::close).toList()).mapEmpty();
  }

  @Override
  public McpServer capability(String name) {
    sessionConfig = sessionConfig.with(name);
    return this;
  }

  private static Map<String, Boolean> capabilities(McpServerOptions options) {
    Map<String, Boolean> capabilities = new TreeMap<>();
    if (options.getResumeTimeoutMs() > 0) {
      capabilities.put(SessionConfig.RESUME, true);
    }
    if (options.isCompression() && MessageCompressor.isAvailable()) {
      capabilities.put(SessionConfig.ZSTD, true);
    }
    return capabilities;
  }

  private static SessionConfig sessionConfig(McpServerOptions options) {
    SessionConfig.Timeouts usual = SessionConfig.Timeouts.DEFAULT;
    return new SessionConfig(
        SessionRole.SERVER,
        new Limits(
            options.getMaxConcurrentStreams(),
            options.getStreamWindowBytes(),
            options.getSessionWindowBytes(),
            options.getMaxMessageBytes(),
            options.getKeepaliveMs()),
        capabilities(options),
        Map.of(),
        "vertx-model-control",
        null,
        null,
        new SessionConfig.Timeouts(
            TimeUnit.MILLISECONDS.toNanos(options.getHandshakeTimeoutMs()),
            usual.headerNanos(),
            usual.frameNanos(),
            usual.messageNanos(),
            TimeUnit.MILLISECONDS.toNanos(options.getStallTimeoutMs())));
  }
}
