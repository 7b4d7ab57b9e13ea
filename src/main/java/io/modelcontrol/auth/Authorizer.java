package io.modelcontrol.auth;

/** Decides what an identity may do. Asked for each request, on an event loop: does not block. */
@FunctionalInterface
public interface Authorizer {
  /** Lets everybody do everything: only where the server listens on loopback. */
  Authorizer ALL = (identity, access) -> true;

  /** Whether the identity may do this. */
  boolean mayDo(Identity identity, Access access);
}
