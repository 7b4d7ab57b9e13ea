package io.modelcontrol.auth;

import java.util.List;
import java.util.Set;

/** Role x message type x model: what no rule of a role of the identity allows is denied. */
public final class AuthorizeByRole implements AuthInterceptor {
  private final List<Rule> rules;

  public AuthorizeByRole(List<Rule> rules) {
    this.rules = List.copyOf(rules);
  }

  /**
   * What a role may do.
   *
   * @param role that an identity must have
   * @param types wire values of first messages
   * @param models patterns of names, {@code *} standing for any number of characters
   */
  public record Rule(String role, Set<Integer> types, List<ModelPattern> models) {
    public Rule {
      types = Set.copyOf(types);
      models = List.copyOf(models);
    }

    boolean allows(Identity identity, Access access) {
      return types.contains(access.type())
          && identity.roles().contains(role)
          && (access.model() == null
              || models.stream().anyMatch(pattern -> pattern.matches(access.model())));
    }
  }

  @Override
  public Set<Fact> needs() {
    return Set.of(Fact.IDENTIFIED);
  }

  @Override
  public Set<Fact> gives() {
    return Set.of(Fact.AUTHORIZED);
  }

  @Override
  public Vote authorize(Identity identity, Access access) {
    for (Rule rule : rules) {
      if (rule.allows(identity, access)) {
        return Vote.ALLOW;
      }
    }
    return Vote.DENY;
  }
}
