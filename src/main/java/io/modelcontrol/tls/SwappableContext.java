package io.modelcontrol.tls;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolNegotiator;
import io.netty.handler.ssl.SslContext;
import java.util.List;
import java.util.function.Supplier;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSessionContext;

/**
 * A context whose engines are always of the newest certificates. Engines that were made before go
 * on with theirs.
 */
final class SwappableContext extends SslContext {
  private final Supplier<SslContext> current;
  private final TlsOptions options;
  private final String serverNameOrNull;

  SwappableContext(Supplier<SslContext> current, TlsOptions options, String serverNameOrNull) {
    this.current = current;
    this.options = options;
    this.serverNameOrNull = serverNameOrNull;
  }

  @Override
  public boolean isClient() {
    return current.get().isClient();
  }

  @Override
  public List<String> cipherSuites() {
    return current.get().cipherSuites();
  }

  @Override
  @SuppressWarnings("deprecation")
  public ApplicationProtocolNegotiator applicationProtocolNegotiator() {
    return current.get().applicationProtocolNegotiator();
  }

  @Override
  public SSLEngine newEngine(ByteBufAllocator allocator) {
    return configured(current.get().newEngine(allocator));
  }

  @Override
  public SSLEngine newEngine(ByteBufAllocator allocator, String peerHost, int peerPort) {
    return configured(current.get().newEngine(allocator, peerHost, peerPort));
  }

  @Override
  public SSLSessionContext sessionContext() {
    return current.get().sessionContext();
  }

  private SSLEngine configured(SSLEngine engine) {
    if (options.getEngine() == TlsEngine.BOUNCY_CASTLE) {
      BouncyCastle.configure(engine, options, serverNameOrNull);
    } else if (serverNameOrNull != null) {
      SSLParameters parameters = engine.getSSLParameters();
      parameters.setServerNames(List.of(new SNIHostName(serverNameOrNull)));
      engine.setSSLParameters(parameters);
    }
    return engine;
  }
}
