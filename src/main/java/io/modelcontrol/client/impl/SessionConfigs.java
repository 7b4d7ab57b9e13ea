package io.modelcontrol.client.impl;

import io.modelcontrol.auth.Authenticator;
import io.modelcontrol.client.McpClientOptions;
import io.modelcontrol.session.SessionConfig;
import io.modelcontrol.session.SessionRole;
import io.modelcontrol.tls.TlsOptions;
import io.modelcontrol.wire.Limits;
import java.util.Map;
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
        options.getReconnectTimeoutMs() == 0 ? Map.of() : Map.of(SessionConfig.RESUME, true),
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
