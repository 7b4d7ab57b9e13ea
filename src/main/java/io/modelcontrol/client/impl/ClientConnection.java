package io.modelcontrol.client.impl;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.ErrorLevel;
import io.modelcontrol.McpException;
import io.modelcontrol.client.McpClientOptions;
import io.modelcontrol.session.SessionConfig;
import io.modelcontrol.session.transport.McpStream;
import io.modelcontrol.session.transport.SessionConnection;
import io.modelcontrol.wire.Message;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.net.NetSocketInternal;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;

/**
 * One session of the client, from the connect to the close, over as many sockets as it takes, and
 * the exchanges that wait for a stream of it. On the client's context only.
 */
final class ClientConnection implements SessionConnection.Listener {
  /** Where a connection is in its life; each leads to the next ones only. */
  private enum Phase {
    /** Until the session is Ready: exchanges wait. */
    CONNECTING,
    /** Exchanges get streams as the server allows. */
    READY,
    /** One side drains: what runs may end, nothing begins. */
    DRAINING,
    CLOSED
  }

  private final ContextInternal context;
  private final McpClientOptions options;
  private final Handler<ClientConnection> closedHandler;
  private final Promise<Void> ready;
  private final Promise<Void> closed;
  private final Set<Exchange> waiting = new LinkedHashSet<>();
  private final Pings pings;
  private final Deadlines deadlines;
  private final ResetBudget resets = new ResetBudget();
  private Phase phase = Phase.CONNECTING;
  private Connector connector;
  private SessionConfig config;
  private Reconnection reconnection;
  private SessionConnection connection;
  private McpException closedBy;
  private boolean starting;

  ClientConnection(
      ContextInternal context, McpClientOptions options, Handler<ClientConnection> closedHandler) {
    this.context = context;
    this.options = options;
    this.closedHandler = closedHandler;
    this.ready = context.promise();
    this.closed = context.promise();
    this.deadlines = new Deadlines(context);
    this.pings = new Pings(this, options.getRequestTimeoutMs());
  }

  /**
   * Connects; {@link #ready()} tells the outcome.
   *
   * @param again whether a session was lost before, so that the server is expected back
   */
  void connect(Connector newConnector, SessionConfig newConfig, boolean again) {
    connector = newConnector;
    config = newConfig;
    if (again) {
      reconnection = reconnection(this::open);
    }
    open();
  }

  private Reconnection reconnection(Runnable attempt) {
    return new Reconnection(
        context, ThreadLocalRandom.current(), options.getReconnectTimeoutMs(), attempt);
  }

  private void open() {
    withSocket(this::onConnected, this::onConnectFailed);
  }

  private void withSocket(Consumer<NetSocketInternal> action, Consumer<McpException> otherwise) {
    connector
        .connect()
        .onComplete(
            socket -> {
              if (phase == Phase.CLOSED) {
                socket.close();
              } else {
                action.accept(socket);
              }
            },
            failure -> otherwise.accept((McpException) failure));
  }

  private void onConnected(NetSocketInternal socket) {
    connection =
        new SessionConnection(context, config, socket.channelHandlerContext().alloc(), this);
    connection.start(socket.channelHandlerContext());
  }

  /** The first attempt tells the caller; a server that was there before may come back. */
  private void onConnectFailed(McpException error) {
    boolean mayPass = error.level() == ErrorLevel.TRANSIENT && phase == Phase.CONNECTING;
    if (reconnection == null || !mayPass || !reconnection.next()) {
      end(error);
    }
  }

  @Override
  public void onDetached(McpException error) {
    reconnection = reconnection(() -> withSocket(this::resumeOver, this::onResumeFailed));
    reconnection.next();
  }

  private void resumeOver(NetSocketInternal socket) {
    SessionConfig resuming = config.resuming(connection.session().resumption().request());
    ResumeOpening opening = new ResumeOpening();
    opening.connection =
        new SessionConnection(context, resuming, socket.channelHandlerContext().alloc(), opening);
    opening.connection.start(socket.channelHandlerContext());
  }

  private void onResumeFailed(McpException error) {
    if (phase != Phase.CLOSED && (error.level() != ErrorLevel.TRANSIENT || !reconnection.next())) {
      lose(error);
    }
  }

  /** The session is lost for good, with what was under way. */
  private void lose(McpException error) {
    McpException lost =
        McpException.sessionError(
            ErrorCode.NETWORK_CONNECTION_CLOSED,
            "the connection was lost and the session is not gone on with: " + error.getMessage(),
            error);
    connection.drive(() -> connection.session().fail(lost));
  }

  /** The session that opens a socket for the one that is resumed. */
  private final class ResumeOpening implements SessionConnection.Listener {
    private SessionConnection connection;

    @Override
    public void onReady() {}

    @Override
    public void onResumed(long received, byte[] nextToken) {
      SessionConnection earlier = ClientConnection.this.connection;
      if (!earlier.session().resumption().isPossibleFrom(received)) {
        lose(
            McpException.sessionError(
                ErrorCode.PROTOCOL_ERROR, "the server tells " + received + " received frames"));
        connection.drive(connection.session()::close);
      } else if (earlier.attach(connection, received, nextToken)) {
        reconnection = null;
        pings.sendAll();
      }
    }

    @Override
    public void onClosed(McpException errorOrNull) {
      onResumeFailed(errorOrNull == null ? closedHere() : connector.explained(errorOrNull));
    }
  }

  ContextInternal context() {
    return context;
  }

  Future<Void> ready() {
    return ready.future();
  }

  Future<Void> closed() {
    return closed.future();
  }

  String identity() {
    return connection.session().identity();
  }

  /** The largest message that the server accepts. */
  boolean isSelected(String capability) {
    return connection.session().isSelected(capability);
  }

  int maxMessageBytes() {
    return connection.session().remoteLimits().maxMessageSize();
  }

  Pings pings() {
    return pings;
  }

  Deadlines deadlines() {
    return deadlines;
  }

  void sendPing(long number) {
    if (phase == Phase.CLOSED) {
      pings.failAll(closedBy);
    } else if (phase != Phase.CONNECTING) {
      connection.drive(() -> connection.session().ping(number));
    }
  }

  /** Gives the exchange a stream now, or puts it in line for one. */
  void enqueue(Exchange exchange) {
    switch (phase) {
      case CLOSED -> exchange.fail(closedBy);
      case DRAINING -> exchange.fail(draining());
      default -> {
        boolean mustWait = phase == Phase.CONNECTING || !connection.session().canOpenStream();
        if (!mustWait && !starting && waiting.isEmpty()) {
          startNow(exchange);
          return;
        }
        if (mustWait && waiting.size() >= options.getMaxQueuedRequests()) {
          exchange.fail(overloaded());
          return;
        }
        waiting.add(exchange);
        startWaiting();
      }
    }
  }

  void dequeue(Exchange exchange) {
    waiting.remove(exchange);
  }

  private void startNow(Exchange exchange) {
    starting = true;
    try {
      begin(exchange);
    } finally {
      starting = false;
    }
    startWaiting();
  }

  /** Not recursive: an exchange that begins may end at once, and so free its stream again. */
  private void startWaiting() {
    if (starting) {
      return;
    }
    starting = true;
    try {
      while (phase == Phase.READY && !waiting.isEmpty() && connection.session().canOpenStream()) {
        Exchange next = waiting.iterator().next();
        waiting.remove(next);
        begin(next);
      }
    } finally {
      starting = false;
    }
  }

  private void begin(Exchange exchange) {
    McpStream stream;
    try {
      stream = connection.openStream();
    } catch (McpException e) {
      exchange.fail(e);
      return;
    }
    exchange.begin(stream);
  }

  /**
   * Resets a stream. A server ends the session of a client that resets too many; so beyond a rate
   * that every server bears, what comes on the stream is dropped instead, and its place is lost
   * until the server ends it.
   */
  void giveUp(McpStream stream, McpException error) {
    if (resets.take()) {
      stream.reset(error);
    } else {
      stream.exceptionHandler(null).endHandler(null).handler(Message::release).resume();
    }
  }

  /** Lets the running exchanges end, then closes. */
  void shutdown() {
    if (phase == Phase.CONNECTING) {
      close();
    } else if (phase == Phase.READY) {
      drain();
      connection.drive(connection.session()::shutdown);
    }
  }

  void close() {
    if (phase == Phase.CONNECTING) {
      end(closedHere());
    }
    if (connection != null) {
      connection.drive(connection.session()::close);
    }
  }

  private void drain() {
    phase = Phase.DRAINING;
    failWaiting(draining());
  }

  @Override
  public void onReady() {
    phase = Phase.READY;
    reconnection = null;
    ready.complete();
    startWaiting();
    pings.sendAll();
  }

  @Override
  public void onStreamClosed() {
    startWaiting();
  }

  @Override
  public void onStream(McpStream stream) {
    stream.handler(
        message -> {
          message.release();
          stream.reset(
              McpException.streamError(
                  ErrorCode.UNSUPPORTED_MESSAGE, "this client serves no streams of the server"));
        });
  }

  @Override
  public void onPong(long payload) {
    pings.onPong(payload);
  }

  @Override
  public void onGoaway() {
    if (phase == Phase.READY) {
      drain();
    }
  }

  @Override
  public void onClosed(McpException errorOrNull) {
    McpException error = errorOrNull == null ? closedHere() : connector.explained(errorOrNull);
    if (phase == Phase.CONNECTING) {
      onConnectFailed(error);
    } else {
      end(error);
    }
  }

  private void end(McpException error) {
    if (phase == Phase.CLOSED) {
      return;
    }
    phase = Phase.CLOSED;
    if (reconnection != null) {
      reconnection.cancel();
    }
    closedBy = error;
    ready.tryFail(error);
    failWaiting(error);
    pings.failAll(error);
    closedHandler.handle(this);
    closed.complete();
  }

  private void failWaiting(McpException error) {
    for (Exchange exchange : waiting.toArray(Exchange[]::new)) {
      exchange.fail(error);
    }
  }

  private McpException overloaded() {
    return McpException.streamError(
        ErrorCode.OVERLOADED,
        options.getMaxQueuedRequests() + " requests wait for a stream already");
  }

  private static McpException draining() {
    return McpException.streamError(
        ErrorCode.REFUSED_STREAM, "the session is being drained: the request was not sent");
  }

  private static McpException closedHere() {
    return McpException.sessionError(ErrorCode.NETWORK_CONNECTION_CLOSED, "the session was closed");
  }
}
