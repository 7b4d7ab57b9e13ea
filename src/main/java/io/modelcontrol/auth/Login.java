package io.modelcontrol.auth;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** An authentication that is under way along an {@link AuthChain}. */
public final class Login {
  private final Presented presented;
  private final Set<String> roles = new LinkedHashSet<>();
  private String name;

  Login(Presented presented) {
    this.presented = presented;
  }

  /** What the client has shown. */
  public Presented presented() {
    return presented;
  }

  /** Who it is; {@code null} before a link has said so. */
  public String name() {
    return name;
  }

  /** Its roles so far. */
  public Set<String> roles() {
    return Set.copyOf(roles);
  }

  /** Says who the client is. */
  public Login identify(String newName, List<String> newRoles) {
    name = newName;
    roles.addAll(newRoles);
    return this;
  }

  Identity identity() {
    String serial =
        presented.certificates().isEmpty()
            ? null
            : presented.certificates().get(0).getSerialNumber().toString(16);
    return new Identity(name, List.copyOf(roles), serial);
  }
}
