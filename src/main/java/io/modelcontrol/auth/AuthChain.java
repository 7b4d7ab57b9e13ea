package io.modelcontrol.auth;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Who may come in and what may they do, as a chain of links that each know one thing. What a link
 * needs, one before it must give: a chain that is out of order cannot be made.
 */
public final class AuthChain implements Authenticator, Authorizer {
  private final List<AuthInterceptor> links;

  private AuthChain(List<AuthInterceptor> links) {
    this.links = links;
  }

  /**
   * A chain of these links, in this order.
   *
   * @throws McpException INVALID_ARGUMENT if one needs what none before it gives, or if none at all
   *     identifies clients or authorizes requests
   */
  public static AuthChain of(List<AuthInterceptor> links) {
    Set<AuthInterceptor.Fact> given = EnumSet.noneOf(AuthInterceptor.Fact.class);
    for (AuthInterceptor link : links) {
      for (AuthInterceptor.Fact need : link.needs()) {
        if (!given.contains(need)) {
          throw outOfOrder(
              link.getClass().getSimpleName()
                  + " needs "
                  + need
                  + ", which no link before it gives");
        }
      }
      given.addAll(link.gives());
    }
    for (AuthInterceptor.Fact fact :
        List.of(AuthInterceptor.Fact.IDENTIFIED, AuthInterceptor.Fact.AUTHORIZED)) {
      if (!given.contains(fact)) {
        throw outOfOrder("no link gives " + fact);
      }
    }
    return new AuthChain(List.copyOf(links));
  }

  private static McpException outOfOrder(String text) {
    return McpException.streamError(ErrorCode.INVALID_ARGUMENT, "chain of authentication: " + text);
  }

  @Override
  public Identity authenticate(Presented presented) {
    Login login = new Login(presented);
    for (AuthInterceptor link : links) {
      link.authenticate(login);
    }
    if (login.name() == null) {
      throw refused(
          "this server does not accept the authentication method '" + shown(presented) + "'");
    }
    return login.identity();
  }

  /** The peer's own word, cut to what a log can bear. */
  private static String shown(Presented presented) {
    String method = presented.method().replaceAll("[^a-z0-9_-]", "?");
    return method.length() > 16 ? method.substring(0, 16) : method;
  }

  @Override
  public boolean mayDo(Identity identity, Access access) {
    boolean allowed = false;
    for (AuthInterceptor link : links) {
      switch (link.authorize(identity, access)) {
        case DENY:
          return false;
        case ALLOW:
          allowed = true;
          break;
        default:
          break;
      }
    }
    return allowed;
  }

  static McpException refused(String text) {
    return McpException.sessionError(ErrorCode.UNAUTHENTICATED, text);
  }
}
