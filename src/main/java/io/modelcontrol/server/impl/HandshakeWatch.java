package io.modelcontrol.server.impl;

import io.modelcontrol.McpException;
import io.modelcontrol.auth.DenyList;
import io.modelcontrol.telemetry.Activity;
import io.modelcontrol.telemetry.NegotiationFailure;
import io.modelcontrol.telemetry.Operation;
import io.modelcontrol.telemetry.Telemetry;
import io.modelcontrol.tls.TlsFailure;
import io.vertx.core.internal.logging.Logger;
import io.vertx.core.internal.logging.LoggerFactory;

/**
 * One connection from its accept until it is a Ready session, or is not: tells telemetry, and the
 * log why not. On the context of the session.
 */
final class HandshakeWatch {
  /** How far a connection has come. */
  enum Phase {
    /** The TLS handshake. */
    TLS("tls"),
    /** NEGOTIATE_REQ. */
    NEGOTIATE("negotiate"),
    /** AUTH_REQ. */
    AUTH("auth"),
    /** Done, well or badly. */
    DONE("done");

    private final String word;

    Phase(String word) {
      this.word = word;
    }
  }

  private static final Logger LOG = LoggerFactory.getLogger("io.modelcontrol.server.Handshake");

  private static final PeerLog PEERS = new PeerLog();

  private final Activity activity;
  private final String protocol;
  private Phase phase;

  HandshakeWatch(Telemetry telemetry, boolean tls, Phase phase) {
    this.activity = telemetry.start(Operation.HANDSHAKE, null);
    this.protocol = tls ? "tls" : "tcp";
    this.phase = phase;
    activity.tag("protocol", protocol);
  }

  /** Negotiation was done before what follows. */
  void negotiated() {
    if (phase == Phase.NEGOTIATE) {
      phase = Phase.AUTH;
    }
  }

  /** The session is Ready, or goes on over this connection. */
  void ready() {
    if (phase != Phase.DONE) {
      phase = Phase.DONE;
      activity.end();
    }
  }

  /** The TLS handshake has failed. */
  void tlsFailed(Throwable failure) {
    fail(TlsFailure.of(failure).reason(), TlsFailure.describe(failure), failure);
  }

  /** The connection has ended; nothing happens if it was Ready before. */
  void closed(McpException errorOrNull) {
    if (phase != Phase.DONE) {
      NegotiationFailure failure = reason(errorOrNull);
      String text = errorOrNull == null ? "closed" : errorOrNull.getMessage();
      fail(failure.reason(), text, errorOrNull);
    }
  }

  private NegotiationFailure reason(McpException errorOrNull) {
    if (errorOrNull == null) {
      return NegotiationFailure.PEER_CLOSED;
    }
    return switch (errorOrNull.code()) {
      case NETWORK_CONNECTION_CLOSED, NETWORK_CONNECTION_RESET -> NegotiationFailure.PEER_CLOSED;
      case NETWORK_TLS_FAILED ->
          NegotiationFailure.of(TlsFailure.of(errorOrNull.getCause()).reason());
      case MALFORMED_FRAME -> NegotiationFailure.NOT_MCP;
      case NEGOTIATION_TIMEOUT, IDLE_TIMEOUT -> NegotiationFailure.SETTINGS_TIMEOUT;
      case NEGOTIATION_FAILED, MALFORMED_MESSAGE, UNSUPPORTED_FIELD, INVALID_ARGUMENT ->
          NegotiationFailure.SCHEMA_MISMATCH;
      case VERSION_MISMATCH -> NegotiationFailure.VERSION_MISMATCH;
      case UNAUTHENTICATED ->
          errorOrNull.getCause() instanceof DenyList.RevokedException
              ? NegotiationFailure.REVOKED
              : NegotiationFailure.AUTH_REFUSED;
      case RESUME_REJECTED -> NegotiationFailure.RESUME_REJECTED;
      case PROTOCOL_ERROR, CHECKSUM_MISMATCH -> NegotiationFailure.PROTOCOL_ERROR;
      default -> NegotiationFailure.OTHER;
    };
  }

  private void fail(String reason, String text, Throwable failureOrNull) {
    activity.tag("phase", phase.word).tag("reason", reason);
    // The metric counts them all; the log is not to be filled by whoever connects.
    if (PEERS.mayLog()) {
      LOG.warn(line(reason, text));
    }
    phase = Phase.DONE;
    activity.fail(failureOrNull == null ? new IllegalStateException(text) : failureOrNull);
  }

  private String line(String reason, String text) {
    return "handshake failed: protocol="
        + protocol
        + " phase="
        + phase.word
        + " reason="
        + reason
        + (activity.context() == null ? "" : " trace_id=" + activity.context().traceId())
        + ": "
        + text;
  }
}
