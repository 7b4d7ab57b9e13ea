package io.modelcontrol.tls;

import io.modelcontrol.McpException;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.internal.logging.Logger;
import io.vertx.core.internal.logging.LoggerFactory;
import io.vertx.core.internal.net.NetSocketInternal;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.SSLEngineOptions;
import io.vertx.core.net.TCPSSLOptions;
import io.vertx.core.spi.tls.SslContextFactory;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;

/**
 * TLS of one server or one client: holds its current certificates, and takes up new ones without
 * touching the sessions that are there. A file that turns out broken changes nothing.
 */
public final class Tls {
  private static final Logger LOG = LoggerFactory.getLogger(Tls.class);

  private final Vertx vertx;
  private final TlsOptions options;
  private final boolean server;
  private final WatchedFiles files;
  private volatile SslContext context;
  private long timer = -1;

  private Tls(Vertx vertx, TlsOptions options, boolean server) {
    this.vertx = vertx;
    this.options = new TlsOptions(options);
    this.server = server;
    this.files = new WatchedFiles(options);
  }

  /** TLS of a server; {@link #start()} first. */
  public static Tls server(Vertx vertx, TlsOptions options) {
    return new Tls(vertx, options, true);
  }

  /** TLS of a client; {@link #start()} first. */
  public static Tls client(Vertx vertx, TlsOptions options) {
    return new Tls(vertx, options, false);
  }

  /**
   * Reads the certificates for the first time, and watches them from then on.
   *
   * @return fails with INVALID_ARGUMENT if they cannot be used
   */
  public Future<Void> start() {
    return vertx
        .<Void>executeBlocking(
            () -> {
              files.changed();
              context = load();
              return null;
            })
        .onSuccess(v -> watch());
  }

  private void watch() {
    if (options.getReloadMs() > 0) {
      timer = vertx.setPeriodic(options.getReloadMs(), id -> lookAgain());
    }
  }

  private void lookAgain() {
    vertx
        .<Void>executeBlocking(
            () -> {
              if (files.changed()) {
                context = load();
                LOG.info("TLS: new certificates are used from now on");
              }
              return null;
            })
        .onFailure(
            failure ->
                LOG.error(
                    "TLS: the new certificates are not used, those from before are kept: "
                        + failure.getMessage()));
  }

  /**
   * Reads the certificates again at once. Sessions that are there go on.
   *
   * @return fails with INVALID_ARGUMENT if they cannot be used: those from before are kept
   */
  public Future<Void> reload() {
    return vertx.executeBlocking(
        () -> {
          files.changed();
          context = load();
          return null;
        });
  }

  private SslContext load() throws McpException {
    return EngineContexts.build(options, KeyMaterial.load(options), server);
  }

  /** Watches no more; connections can still be made. */
  public void stop() {
    if (timer >= 0) {
      vertx.cancelTimer(timer);
      timer = -1;
    }
  }

  /** Makes the sockets of a Vert.x server or client use this. */
  public <T extends TCPSSLOptions> T applyTo(T sockets, int handshakeTimeoutMs) {
    sockets
        .setSsl(true)
        .setUseAlpn(true)
        .setSslHandshakeTimeout(handshakeTimeoutMs)
        .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS)
        .setSslEngineOptions(new Engine());
    if (server) {
      sockets.setKeyCertOptions(KeyCertOptions.wrap(noKeys()));
    }
    return sockets;
  }

  /** Whether both ends of a connection have named this protocol. */
  public static boolean isAgreed(NetSocketInternal socket) {
    SslHandler handler = socket.channelHandlerContext().pipeline().get(SslHandler.class);
    if (handler == null) {
      return false;
    }
    String byNetty = handler.applicationProtocol();
    return TlsOptions.ALPN.equals(
        byNetty == null ? handler.engine().getApplicationProtocol() : byNetty);
  }

  /** Vert.x asks for keys before it asks for a context, and the context has its own. */
  private static KeyManagerFactory noKeys() {
    try {
      KeyManagerFactory factory =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      factory.init(null, null);
      return factory;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the JDK has no key managers", e);
    }
  }

  /** How Vert.x gets at the contexts; each server name has its own view of the current one. */
  private final class Engine extends SSLEngineOptions {
    @Override
    public SSLEngineOptions copy() {
      return this;
    }

    @Override
    public SslContextFactory sslContextFactory() {
      return new Factory();
    }
  }

  private final class Factory implements SslContextFactory {
    private String serverNameOrNull;

    @Override
    public SslContextFactory forClient(SNIServerName serverName, String algorithm) {
      serverNameOrNull =
          serverName instanceof SNIHostName host
              ? host.getAsciiName()
              : serverName == null
                  ? null
                  : new String(serverName.getEncoded(), StandardCharsets.US_ASCII);
      return this;
    }

    @Override
    public SslContextFactory applicationProtocols(List<String> protocols) {
      return this;
    }

    @Override
    public SslContext create() {
      return new SwappableContext(() -> context, options, serverNameOrNull);
    }
  }
}
