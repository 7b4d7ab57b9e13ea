package io.modelcontrol.tls;

import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.Provider;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;

/** Builds Netty's contexts of TLS, for each engine and for either end. */
final class EngineContexts {
  /** A key store in memory needs a password, which protects nothing. */
  private static final char[] IN_MEMORY = {'-'};

  private EngineContexts() {}

  /** A context with this key material; its sessions outlive it. */
  static SslContext build(TlsOptions options, KeyMaterial material, boolean server) {
    try {
      SslContextBuilder builder = server ? server(options, material) : client(options, material);
      return engine(builder, options)
          .protocols(options.getProtocols())
          .applicationProtocolConfig(alpn(options.getEngine()))
          .trustManager(trust(options, material))
          .build();
    } catch (IOException | GeneralSecurityException | UnsupportedOperationException e) {
      throw KeyMaterial.refused("the engine " + options.getEngine() + " cannot be used so", e);
    }
  }

  private static SslContextBuilder server(TlsOptions options, KeyMaterial material)
      throws IOException, GeneralSecurityException {
    if (material.key() == null) {
      throw KeyMaterial.refused(
          "a server needs certificateFile and keyFile, or keyStoreFile", null);
    }
    if (options.getClientAuth() != io.vertx.core.http.ClientAuth.NONE
        && material.authorities() == null) {
      throw KeyMaterial.refused(
          "clientAuth needs caFile or trustStoreFile, to know whom to accept", null);
    }
    return SslContextBuilder.forServer(keys(options, material))
        .clientAuth(
            switch (options.getClientAuth()) {
              case NONE -> ClientAuth.NONE;
              case REQUEST -> ClientAuth.OPTIONAL;
              case REQUIRED -> ClientAuth.REQUIRE;
            });
  }

  private static SslContextBuilder client(TlsOptions options, KeyMaterial material)
      throws IOException, GeneralSecurityException {
    SslContextBuilder builder =
        SslContextBuilder.forClient()
            .endpointIdentificationAlgorithm(options.isVerifyHost() ? "HTTPS" : null);
    return material.key() == null
        ? builder
        : builder.keyManager(configuredKey(keys(options, material)));
  }

  private static KeyManager configuredKey(KeyManagerFactory factory)
      throws GeneralSecurityException {
    for (KeyManager manager : factory.getKeyManagers()) {
      if (manager instanceof X509ExtendedKeyManager extended) {
        return new ConfiguredKey(extended);
      }
    }
    throw new GeneralSecurityException("no key manager for X.509");
  }

  private static SslContextBuilder engine(SslContextBuilder builder, TlsOptions options) {
    switch (options.getEngine()) {
      case BOUNCY_CASTLE:
        return builder.sslProvider(SslProvider.JDK).sslContextProvider(BouncyCastle.jsse());
      case OPENSSL:
        if (!OpenSsl.isAvailable()) {
          throw new UnsupportedOperationException("no library for this platform");
        }
        return builder
            .sslProvider(SslProvider.OPENSSL)
            .option(OpenSslContextOption.GROUPS, options.getGroups().toArray(String[]::new));
      default:
        return builder.sslProvider(SslProvider.JDK);
    }
  }

  /**
   * OpenSSL cannot refuse by itself; the connection is refused after the handshake then. Bouncy
   * Castle's engine is told directly, as Netty would wrap it beyond the reach of its parameters.
   */
  private static ApplicationProtocolConfig alpn(TlsEngine engine) {
    if (engine == TlsEngine.BOUNCY_CASTLE) {
      return ApplicationProtocolConfig.DISABLED;
    }
    boolean refuses = engine == TlsEngine.JDK;
    return new ApplicationProtocolConfig(
        ApplicationProtocolConfig.Protocol.ALPN,
        refuses
            ? ApplicationProtocolConfig.SelectorFailureBehavior.FATAL_ALERT
            : ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
        refuses
            ? ApplicationProtocolConfig.SelectedListenerFailureBehavior.FATAL_ALERT
            : ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
        List.of(TlsOptions.ALPN));
  }

  private static KeyManagerFactory keys(TlsOptions options, KeyMaterial material)
      throws IOException, GeneralSecurityException {
    KeyStore store = emptyStore();
    store.setKeyEntry(
        "key", material.key(), IN_MEMORY, material.chain().toArray(X509Certificate[]::new));
    KeyManagerFactory factory =
        options.getEngine() == TlsEngine.BOUNCY_CASTLE
            ? KeyManagerFactory.getInstance("PKIX", BouncyCastle.jsse())
            : KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(store, IN_MEMORY);
    return factory;
  }

  private static TrustManager trust(TlsOptions options, KeyMaterial material)
      throws IOException, GeneralSecurityException {
    KeyStore store = null;
    if (material.authorities() != null) {
      store = emptyStore();
      for (X509Certificate authority : material.authorities()) {
        store.setCertificateEntry("ca-" + store.size(), authority);
      }
    }
    Provider provider = options.getEngine() == TlsEngine.BOUNCY_CASTLE ? BouncyCastle.jsse() : null;
    TrustManagerFactory factory =
        provider == null
            ? TrustManagerFactory.getInstance("PKIX")
            : TrustManagerFactory.getInstance("PKIX", provider);
    factory.init(store);
    for (TrustManager manager : factory.getTrustManagers()) {
      if (manager instanceof X509ExtendedTrustManager extended) {
        return new PeerTrust(extended, options.getEngine());
      }
    }
    throw new GeneralSecurityException("no trust manager for X.509");
  }

  private static KeyStore emptyStore() throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    return store;
  }
}
