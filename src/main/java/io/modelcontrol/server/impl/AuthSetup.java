package io.modelcontrol.server.impl;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.auth.AllowAnonymous;
import io.modelcontrol.auth.AuthChain;
import io.modelcontrol.auth.AuthInterceptor;
import io.modelcontrol.auth.Authenticator;
import io.modelcontrol.auth.AuthorizeByRole;
import io.modelcontrol.auth.AuthorizeByRole.Rule;
import io.modelcontrol.auth.DenyList;
import io.modelcontrol.auth.ExtractIdentity;
import io.modelcontrol.auth.ModelPattern;
import io.modelcontrol.auth.TlsVerify;
import io.modelcontrol.server.AuthOptions;
import io.modelcontrol.wire.MessageType;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Makes the chain that {@link AuthOptions} describe. */
final class AuthSetup {
  private static final String ALL = "*";
  private static final String APPLICATION = "APPLICATION";
  private static final int TYPES = 0x100;

  private AuthSetup() {}

  /**
   * The chain; blocks, as keys are read.
   *
   * @throws McpException INVALID_ARGUMENT if the options contradict themselves
   */
  static AuthChain chain(Vertx vertx, AuthOptions options, DenyList denied) {
    List<AuthInterceptor> links = new ArrayList<>();
    if (options.getMethods().contains(Authenticator.MTLS)) {
      links.add(new TlsVerify());
      links.add(new ExtractIdentity(sources(options)));
    }
    if (options.getMethods().contains(Authenticator.TOKEN)) {
      if (options.getToken() == null) {
        throw refused("the method token needs the object token, with the issuer's key");
      }
      links.add(new JwtVerify(vertx, options.getToken()));
    }
    if (options.getMethods().contains(Authenticator.NONE)) {
      links.add(new AllowAnonymous());
    }
    links.add(denied);
    links.add(new AuthorizeByRole(options.getRules().stream().map(AuthSetup::rule).toList()));
    return AuthChain.of(links);
  }

  private static List<ExtractIdentity.Source> sources(AuthOptions options) {
    try {
      return options.getIdentitySources().stream().map(ExtractIdentity.Source::valueOf).toList();
    } catch (IllegalArgumentException e) {
      throw refused("identitySources must be URI, DNS or CN: " + options.getIdentitySources());
    }
  }

  private static Rule rule(JsonObject json) {
    Set<String> unknown = new HashSet<>(json.fieldNames());
    unknown.removeAll(Set.of("role", "types", "models"));
    if (!unknown.isEmpty() || !(json.getValue("role") instanceof String role)) {
      throw refused("a rule has role, types and models, not " + json.fieldNames());
    }
    Set<Integer> types = new HashSet<>();
    words(json, "types").forEach(word -> types.addAll(types(word)));
    return new Rule(role, types, words(json, "models").stream().map(ModelPattern::new).toList());
  }

  private static List<String> words(JsonObject rule, String key) {
    if (!(rule.getValue(key) instanceof JsonArray list)
        || !list.stream().allMatch(String.class::isInstance)) {
      throw refused("'" + key + "' of a rule must be a list of strings");
    }
    return list.stream().map(String.class::cast).toList();
  }

  private static Set<Integer> types(String word) {
    Set<Integer> types = new HashSet<>();
    if (word.equals(ALL) || word.equals(APPLICATION)) {
      for (int type = MessageType.FIRST_APPLICATION; type < TYPES; type++) {
        types.add(type);
      }
    }
    for (MessageType type : MessageType.values()) {
      if (word.equals(ALL) || word.equals(type.name())) {
        types.add(type.code());
      }
    }
    if (word.matches("0x[89A-Fa-f][0-9A-Fa-f]")) {
      types.add(Integer.decode(word));
    }
    if (types.isEmpty()) {
      throw refused("'" + word + "' in a rule is no type of message");
    }
    return types;
  }

  private static McpException refused(String text) {
    return McpException.streamError(ErrorCode.INVALID_ARGUMENT, "auth: " + text);
  }
}
