package io.modelcontrol.auth;

import java.util.List;
import java.util.Objects;

/**
 * Who a session acts for.
 *
 * @param name as told to the peer in AUTH_RESP
 * @param roles what it may do is decided by these
 * @param serial of its certificate, hexadecimal; {@code null} where it has none
 */
public record Identity(String name, List<String> roles, String serial) {
  public Identity {
    Objects.requireNonNull(name, "name");
    roles = List.copyOf(roles);
  }

  /** An identity without a certificate. */
  public Identity(String name, List<String> roles) {
    this(name, roles, null);
  }
}
