package io.modelcontrol.session;

import java.util.EnumSet;
import java.util.Set;

/** The states of a session, and which follows which. Contract 4. */
public enum SessionState {
  /** Before the connect: in by creation, out by connect or cancel. */
  IDLE {
    @Override
    Set<SessionState> next() {
      return EnumSet.of(CONNECTING, CLOSED);
    }
  },
  /** The transport is being connected: out when it is (with TLS: its handshake too). */
  CONNECTING {
    @Override
    Set<SessionState> next() {
      return EnumSet.of(HANDSHAKING, CLOSED);
    }
  },
  /** Waits for the first frame, which must be a NEGOTIATE message with a common version. */
  HANDSHAKING {
    @Override
    Set<SessionState> next() {
      return EnumSet.of(AUTH_PENDING, CLOSED);
    }
  },
  /** Negotiated; out when the authentication is accepted. Requests wait. */
  AUTH_PENDING {
    @Override
    Set<SessionState> next() {
      return EnumSet.of(READY, CLOSED);
    }
  },
  /** Carries streams: out by a fatal error, a drained GOAWAY, a lost keepalive or close. */
  READY {
    @Override
    Set<SessionState> next() {
      return EnumSet.of(CLOSED);
    }
  },
  /** The end: nothing leads out. */
  CLOSED {
    @Override
    Set<SessionState> next() {
      return EnumSet.noneOf(SessionState.class);
    }
  };

  abstract Set<SessionState> next();

  public boolean canBecome(SessionState other) {
    return next().contains(other);
  }

  /** Whether frames other than those of the handshake may arrive. */
  public boolean isNegotiated() {
    return this == AUTH_PENDING || this == READY;
  }

  /** Whether frames may be written: the transport is connected and not closed. */
  public boolean canSend() {
    return this == HANDSHAKING || isNegotiated();
  }
}
