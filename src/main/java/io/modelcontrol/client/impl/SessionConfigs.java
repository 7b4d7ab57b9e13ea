package io.modelcontrol.client.impl;

import io.modelcontrol.client.McpClientOptions;
import io.modelcontrol.session.SessionConfig;
import io.modelcontrol.session.SessionRole;
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
        options.getAuthMethod(),
        options.getCredential() == null ? null : options.getCredential().getBytes(),
        new SessionConfig.Timeouts(
            TimeUnit.MILLISECONDS.toNanos(options.getConnectTimeoutMs()),
            usual.headerNanos(),
            usual.frameNanos(),
            usual.messageNanos()));
  }
}
