package io.modelcontrol.client.impl;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.NetworkErrors;
import io.modelcontrol.client.McpClientOptions;
import io.modelcontrol.session.transport.Endpoint;
import io.modelcontrol.tls.Tls;
import io.modelcontrol.tls.TlsFailure;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.internal.net.NetSocketInternal;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetSocket;

/** Makes the connections of a client, plain or by TLS, and tells in our codes why one failed. */
final class Connector {
  private final McpClientOptions options;
  private final Tls tls;
  private final NetClient sockets;
  private Future<Void> started;

  Connector(Vertx vertx, McpClientOptions options) {
    this.options = options;
    this.tls = options.getTls() == null ? null : Tls.client(vertx, options.getTls());
    NetClientOptions tcp =
        new NetClientOptions(options.getTcp()).setConnectTimeout(options.getConnectTimeoutMs());
    if (tls != null) {
      tls.applyTo(tcp, options.getConnectTimeoutMs());
      tcp.setHostnameVerificationAlgorithm(options.getTls().isVerifyHost() ? "HTTPS" : "");
    }
    this.sockets = vertx.createNetClient(tcp);
  }

  /** A connection; with TLS its handshake is done. Fails with an {@link McpException}. */
  Future<NetSocketInternal> connect() {
    return tlsStarted()
        .compose(v -> sockets.connect(Endpoint.of(options.getHost(), options.getPort())))
        .compose(this::checked)
        .recover(failure -> Future.failedFuture(connectError(failure)));
  }

  private Future<Void> tlsStarted() {
    if (tls == null) {
      return Future.succeededFuture();
    }
    if (started == null || started.failed()) {
      started = tls.start();
    }
    return started;
  }

  /** A socket that should be encrypted and is not is worse than none. */
  private Future<NetSocketInternal> checked(NetSocket socket) {
    NetSocketInternal internal = (NetSocketInternal) socket;
    if (tls == null || Tls.isAgreed(internal)) {
      return Future.succeededFuture(internal);
    }
    socket.close();
    return Future.failedFuture(
        McpException.sessionError(ErrorCode.NETWORK_TLS_FAILED, TlsFailure.ALPN_MISMATCH.text()));
  }

  private McpException connectError(Throwable failure) {
    return explained(
        failure instanceof McpException error
            ? error
            : NetworkErrors.toMcpException(NetworkErrors.Operation.CONNECT, failure));
  }

  /** An error of TLS that says what to do. */
  McpException explained(McpException error) {
    if (tls == null || error.code() != ErrorCode.NETWORK_TLS_FAILED || error.getCause() == null) {
      return error;
    }
    return McpException.sessionError(
        ErrorCode.NETWORK_TLS_FAILED,
        options.getHost() + ":" + options.getPort() + ": " + TlsFailure.describe(error.getCause()),
        error.getCause());
  }

  Future<Void> close() {
    if (tls != null) {
      tls.stop();
      started = null;
    }
    return sockets.close();
  }
}
