package io.modelcontrol.client.impl;

import io.modelcontrol.auth.Authenticator;
import io.modelcontrol.client.McpClientOptions;
import io.modelcontrol.session.SessionConfig;
import io.modelcontrol.session.SessionRole;
import io.modelcontrol.tls.TlsOptions;
import io.modelcontrol.wire.DeltaParameters;
import io.modelcontrol.wire.Limits;
import io.modelcontrol.wire.MessageCompressor;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** The options of a client, as its sessions want them. */
final class SessionConfigs {
  private SessionConfigs() {}

  static SessionConfig of(McpClientOptions options) {
    SessionConfig.Timeouts usual = SessionConfig.Timeouts.DEFAULT;
    return new SessionConfig(
        SessionRole.CLIENT,
        new Limits(
            options.getMaxConcurrentStreams(),
            options.getStreamWindowBytes(),
            options.getSessionWindowBytes(),
            options.getMaxMessageBytes(),
            options.getKeepaliveMs()),
        capabilities(options),
        Map.of(),
        options.getAgent(),
        authMethod(options),
        options.getCredential() == null ? null : options.getCredential().getBytes(),
        new SessionConfig.Timeouts(
            TimeUnit.MILLISECONDS.toNanos(options.getConnectTimeoutMs()),
            usual.headerNanos(),
            usual.frameNanos(),
            usual.messageNanos()));
  }

  private static Map<String, Boolean> capabilities(McpClientOptions options) {
    Map<String, Boolean> capabilities = new TreeMap<>();
    capabilities.put(DeltaParameters.DELTA, true);
    if (options.getReconnectTimeoutMs() > 0) {
      capabilities.put(SessionConfig.RESUME, true);
    }
    if (options.isCompression() && MessageCompressor.isAvailable()) {
      capabilities.put(SessionConfig.ZSTD, true);
    }
    return capabilities;
  }

  private static String authMethod(McpClientOptions options) {
    if (!options.getAuthMethod().isEmpty()) {
      return options.getAuthMethod();
    }
    if (options.getCredential() != null) {
      return Authenticator.TOKEN;
    }
    TlsOptions tls = options.getTls();
    boolean certificate =
        tls != null && (tls.getKeyFile() != null || tls.getKeyStoreFile() != null);
    return certificate ? Authenticator.MTLS : Authenticator.NONE;
  }
}
