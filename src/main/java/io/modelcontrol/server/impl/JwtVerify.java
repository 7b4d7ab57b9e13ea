package io.modelcontrol.server.impl;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.auth.AuthInterceptor;
import io.modelcontrol.auth.Authenticator;
import io.modelcontrol.auth.Login;
import io.modelcontrol.server.TokenOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.auth.JWTOptions;
import io.vertx.ext.auth.PubSecKeyOptions;
import io.vertx.ext.auth.User;
import io.vertx.ext.auth.authentication.TokenCredentials;
import io.vertx.ext.auth.jwt.JWTAuth;
import io.vertx.ext.auth.jwt.JWTAuthOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** For the method {@code token}: verifies the client's JSON Web Token and takes name and roles. */
final class JwtVerify implements AuthInterceptor {
  private static final int MAX_TOKEN_BYTES = 16 * 1024;

  private final TokenOptions options;
  private final JWTAuth verifier;

  /** Blocks: reads the keys. */
  JwtVerify(Vertx vertx, TokenOptions options) {
    this.options = options;
    JWTOptions checks = new JWTOptions().setLeeway(options.getLeewaySeconds());
    if (options.getIssuer() != null) {
      checks.setIssuer(options.getIssuer());
    }
    if (!options.getAudience().isEmpty()) {
      checks.setAudience(options.getAudience());
    }
    JWTAuthOptions keys = new JWTAuthOptions().setJWTOptions(checks);
    if (options.getJwksFile() != null) {
      keys.setJwks(jwks(read("jwksFile", options.getJwksFile())));
    } else if (options.getPublicKeyFile() != null) {
      keys.addPubSecKey(
          new PubSecKeyOptions()
              .setAlgorithm(options.getAlgorithm())
              .setBuffer(read("publicKeyFile", options.getPublicKeyFile())));
    } else {
      throw refusedConfig("token needs publicKeyFile or jwksFile", null);
    }
    try {
      verifier = JWTAuth.create(vertx, keys);
    } catch (RuntimeException e) {
      throw refusedConfig("the keys of tokens cannot be used", e);
    }
  }

  private static List<JsonObject> jwks(String text) {
    try {
      List<JsonObject> keys =
          new JsonObject(text)
              .getJsonArray("keys", new JsonArray()).stream().map(JsonObject.class::cast).toList();
      for (JsonObject key : keys) {
        // A secret that is shared with the server could be used by it, or by its thief, to sign.
        if ("oct".equals(key.getString("kty")) || key.containsKey("d")) {
          throw refusedConfig("jwksFile must hold public keys only", null);
        }
      }
      if (keys.isEmpty()) {
        throw refusedConfig("jwksFile holds no keys", null);
      }
      return keys;
    } catch (DecodeException | ClassCastException e) {
      throw refusedConfig("jwksFile is no JWK set", e);
    }
  }

  private static String read(String option, String file) {
    try {
      return Files.readString(Path.of(file));
    } catch (IOException e) {
      throw refusedConfig(option + " cannot be read", e);
    }
  }

  private static McpException refusedConfig(String text, Throwable causeOrNull) {
    return McpException.streamError(ErrorCode.INVALID_ARGUMENT, "auth: " + text, causeOrNull);
  }

  @Override
  public Set<Fact> gives() {
    return Set.of(Fact.IDENTIFIED);
  }

  @Override
  public void authenticate(Login login) {
    if (!Authenticator.TOKEN.equals(login.presented().method())) {
      return;
    }
    byte[] credential = login.presented().credential();
    if (credential == null || credential.length > MAX_TOKEN_BYTES) {
      throw refused("the method 'token' needs a token of at most " + MAX_TOKEN_BYTES + " bytes");
    }
    String token = new String(credential, StandardCharsets.US_ASCII);
    // It computes and waits for nothing, so that it is complete at once.
    Future<User> verified = verifier.authenticate(new TokenCredentials(token));
    if (!verified.succeeded()) {
      throw refused("the token is not valid: expired, not yet valid, or not from a known issuer");
    }
    JsonObject claims = verified.result().attributes().getJsonObject("accessToken");
    if (claims == null || !(claims.getValue(options.getIdentityClaim()) instanceof String name)) {
      throw refused("the token does not name an identity");
    }
    login.identify(name, roles(claims.getValue(options.getRolesClaim())));
  }

  private static List<String> roles(Object claim) {
    if (claim instanceof JsonArray list) {
      return list.stream().filter(String.class::isInstance).map(String.class::cast).toList();
    }
    return claim instanceof String one ? List.of(one.split(" ")) : List.of();
  }

  private static McpException refused(String text) {
    return McpException.sessionError(ErrorCode.UNAUTHENTICATED, text);
  }
}
