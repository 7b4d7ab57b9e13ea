package io.modelcontrol.server;

import io.vertx.codegen.annotations.DataObject;
import io.vertx.codegen.json.annotations.JsonGen;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Objects;

/** How the JSON Web Tokens of clients are verified. RFC 7519, RFC 8725. */
@DataObject
@JsonGen(publicConverter = false)
public class TokenOptions {
  /** The default algorithm of a PEM key = {@code ES256}. */
  public static final String DEFAULT_ALGORITHM = "ES256";

  /** The default tolerance of clocks = {@code 30} s. */
  public static final int DEFAULT_LEEWAY_SECONDS = 30;

  /** The claim that names the identity by default = {@code sub}. */
  public static final String DEFAULT_IDENTITY_CLAIM = "sub";

  /** The claim that lists the roles by default = {@code roles}. */
  public static final String DEFAULT_ROLES_CLAIM = "roles";

  private String publicKeyFile;
  private String algorithm = DEFAULT_ALGORITHM;
  private String jwksFile;
  private String issuer;
  private List<String> audience = List.of();
  private int leewaySeconds = DEFAULT_LEEWAY_SECONDS;
  private String identityClaim = DEFAULT_IDENTITY_CLAIM;
  private String rolesClaim = DEFAULT_ROLES_CLAIM;

  public TokenOptions() {}

  public TokenOptions(TokenOptions other) {
    publicKeyFile = other.publicKeyFile;
    algorithm = other.algorithm;
    jwksFile = other.jwksFile;
    issuer = other.issuer;
    audience = other.audience;
    leewaySeconds = other.leewaySeconds;
    identityClaim = other.identityClaim;
    rolesClaim = other.rolesClaim;
  }

  public TokenOptions(JsonObject json) {
    TokenOptionsConverter.fromJson(json, this);
  }

  public JsonObject toJson() {
    JsonObject json = new JsonObject();
    TokenOptionsConverter.toJson(this, json);
    return json;
  }

  public String getPublicKeyFile() {
    return publicKeyFile;
  }

  /** Sets the PEM file of the issuer's public key. */
  public TokenOptions setPublicKeyFile(String file) {
    publicKeyFile = file;
    return this;
  }

  public String getAlgorithm() {
    return algorithm;
  }

  /** Sets the only algorithm that is accepted with the PEM key: that of a public key. */
  public TokenOptions setAlgorithm(String newAlgorithm) {
    if (!newAlgorithm.matches("(ES|RS|PS)(256|384|512)|EdDSA")) {
      throw new IllegalArgumentException("algorithm must be one of public keys: " + newAlgorithm);
    }
    algorithm = newAlgorithm;
    return this;
  }

  public String getJwksFile() {
    return jwksFile;
  }

  /** Sets a file with a JWK set of public keys (RFC 7517), instead of the PEM file. */
  public TokenOptions setJwksFile(String file) {
    jwksFile = file;
    return this;
  }

  public String getIssuer() {
    return issuer;
  }

  /** Sets the issuer that tokens must name; any by default. */
  public TokenOptions setIssuer(String newIssuer) {
    issuer = newIssuer;
    return this;
  }

  public List<String> getAudience() {
    return audience;
  }

  /** Sets the audiences of which a token must name one; any by default. */
  public TokenOptions setAudience(List<String> newAudience) {
    audience = List.copyOf(newAudience);
    return this;
  }

  public int getLeewaySeconds() {
    return leewaySeconds;
  }

  /** Sets how far clocks may be apart. */
  public TokenOptions setLeewaySeconds(int seconds) {
    if (seconds < 0) {
      throw new IllegalArgumentException("leewaySeconds must be at least 0: " + seconds);
    }
    leewaySeconds = seconds;
    return this;
  }

  public String getIdentityClaim() {
    return identityClaim;
  }

  /** Sets the claim that names the identity. */
  public TokenOptions setIdentityClaim(String claim) {
    identityClaim = Objects.requireNonNull(claim, "identityClaim");
    return this;
  }

  public String getRolesClaim() {
    return rolesClaim;
  }

  /** Sets the claim that lists the roles. */
  public TokenOptions setRolesClaim(String claim) {
    rolesClaim = Objects.requireNonNull(claim, "rolesClaim");
    return this;
  }
}
