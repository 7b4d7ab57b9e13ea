package io.modelcontrol.auth;

import java.util.Set;

/**
 * A link of an {@link AuthChain}: takes part in the authentication of a client, in the
 * authorization of its requests, or in both. Shared by all sessions, called on their event loops:
 * thread-safe, and does not block.
 */
public interface AuthInterceptor {
  /** What links rely on. */
  enum Fact {
    /** The client's certificate is genuine and valid. */
    VERIFIED,
    /** The client has a name, and roles. */
    IDENTIFIED,
    /** Requests are allowed or denied. */
    AUTHORIZED
  }

  /** What a link before this one must have given. */
  default Set<Fact> needs() {
    return Set.of();
  }

  /** What links after this one can rely on. */
  default Set<Fact> gives() {
    return Set.of();
  }

  /**
   * A client authenticates.
   *
   * @throws io.modelcontrol.McpException UNAUTHENTICATED if it may not come in
   */
  default void authenticate(Login login) {}

  /** An opinion on a request; one {@link Vote#DENY} wins, and without an {@link Vote#ALLOW} no. */
  default Vote authorize(Identity identity, Access access) {
    return Vote.ABSTAIN;
  }

  /** What a link thinks of a request. */
  enum Vote {
    ALLOW,
    DENY,
    ABSTAIN
  }
}
