package io.modelcontrol.telemetry;

import java.util.Locale;

/**
 * Why a connection did not become a Ready session, as metrics, logs and traces tell it: a small and
 * fixed set of words, the first of them those of TLS.
 */
public enum NegotiationFailure {
  /** A certificate is not valid at this time. */
  CERTIFICATE_EXPIRED,
  /** Nobody who is trusted has signed the client's certificate. */
  UNKNOWN_CA,
  /** The client's certificate has signed itself. */
  SELF_SIGNED,
  /** The client has shown no certificate. */
  NO_CERTIFICATE,
  /** The identity or its certificate is on the deny list. */
  REVOKED,
  /** No version of TLS that both ends allow. */
  PROTOCOL_VERSION,
  /** The client does not name this protocol by ALPN. */
  ALPN_MISMATCH,
  /** What arrived is not TLS. */
  NOT_TLS,
  /** The TLS handshake took too long. */
  HANDSHAKE_TIMEOUT,
  /** The certificate cannot be used for another reason. */
  BAD_CERTIFICATE,
  /** The client went away. */
  PEER_CLOSED,
  /** The first bytes are not this protocol's. */
  NOT_MCP,
  /** A frame is broken, or was sent out of order. */
  PROTOCOL_ERROR,
  /** The client did not get through negotiation and authentication in time. */
  SETTINGS_TIMEOUT,
  /** The negotiation message is broken, or lacks what it must have. */
  SCHEMA_MISMATCH,
  /** No common version of this protocol. */
  VERSION_MISMATCH,
  /** The identity, the credential or the method is not accepted. */
  AUTH_REFUSED,
  /** The session that the client wanted to go on with cannot be. */
  RESUME_REJECTED,
  /** Anything else. */
  OTHER;

  /** The word in metrics, logs and traces. */
  public String reason() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The constant of a word; {@link #OTHER} for one that is none. */
  public static NegotiationFailure of(String reason) {
    for (NegotiationFailure failure : values()) {
      if (failure.reason().equals(reason)) {
        return failure;
      }
    }
    return OTHER;
  }
}
