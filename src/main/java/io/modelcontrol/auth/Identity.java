package io.modelcontrol.auth;

import java.util.List;
import java.util.Objects;

/**
 * Who a session acts for.
 *
 * @param name as told to the peer in AUTH_RESP
 * @param roles what it may do is decided by these
 */
public record Identity(String name, List<String> roles) {
  public Identity {
    Objects.requireNonNull(name, "name");
    roles = List.copyOf(roles);
  }
}
