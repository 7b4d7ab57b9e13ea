package io.modelcontrol.auth;

import java.util.List;
import java.util.Set;

/** Lets in whoever asks for the method {@code none}, as "anonymous". */
public final class AllowAnonymous implements AuthInterceptor {
  /** The name and the role of those who are not asked who they are. */
  public static final String ANONYMOUS = "anonymous";

  @Override
  public Set<Fact> gives() {
    return Set.of(Fact.IDENTIFIED);
  }

  @Override
  public void authenticate(Login login) {
    if (Authenticator.NONE.equals(login.presented().method())) {
      login.identify(ANONYMOUS, List.of(ANONYMOUS));
    }
  }
}
