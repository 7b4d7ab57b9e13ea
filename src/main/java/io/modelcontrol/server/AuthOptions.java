package io.modelcontrol.server;

import io.vertx.codegen.annotations.DataObject;
import io.vertx.codegen.json.annotations.JsonGen;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Set;

/** Who may come in to a server, and what each role may do. */
@DataObject
@JsonGen(publicConverter = false)
public class AuthOptions {
  /** The default methods = {@code none}: nobody is asked who they are, on loopback only. */
  public static final List<String> DEFAULT_METHODS = List.of("none");

  /** Where a name is looked for in a certificate by default = URI, DNS name, common name. */
  public static final List<String> DEFAULT_IDENTITY_SOURCES = List.of("URI", "DNS", "CN");

  /** The default time between looks at the deny list = {@code 1000} ms. */
  public static final int DEFAULT_DENY_LIST_MS = 1_000;

  /** So that a revocation takes effect within 5 s. */
  private static final int MAX_DENY_LIST_MS = 4_000;

  private static final Set<String> KNOWN_METHODS = Set.of("none", "mtls", "token");

  private List<String> methods = DEFAULT_METHODS;
  private List<String> identitySources = DEFAULT_IDENTITY_SOURCES;
  private List<JsonObject> rules = DefaultRules.JSON;
  private TokenOptions token;
  private String denyListFile;
  private int denyListMs = DEFAULT_DENY_LIST_MS;
  private String auditFile;

  public AuthOptions() {}

  public AuthOptions(AuthOptions other) {
    methods = other.methods;
    identitySources = other.identitySources;
    rules = other.rules;
    token = other.token == null ? null : new TokenOptions(other.token);
    denyListFile = other.denyListFile;
    denyListMs = other.denyListMs;
    auditFile = other.auditFile;
  }

  public AuthOptions(JsonObject json) {
    AuthOptionsConverter.fromJson(json, this);
  }

  public JsonObject toJson() {
    JsonObject json = new JsonObject();
    AuthOptionsConverter.toJson(this, json);
    return json;
  }

  public List<String> getMethods() {
    return methods;
  }

  /** Sets the methods that clients may choose from: none, mtls, token. */
  public AuthOptions setMethods(List<String> names) {
    for (String name : names) {
      if (!KNOWN_METHODS.contains(name)) {
        throw new IllegalArgumentException("methods must be none, mtls or token: " + name);
      }
    }
    methods = List.copyOf(names);
    return this;
  }

  public List<String> getIdentitySources() {
    return identitySources;
  }

  /** Sets where the name is looked for in a certificate, the first first: URI, DNS, CN. */
  public AuthOptions setIdentitySources(List<String> sources) {
    identitySources = List.copyOf(sources);
    return this;
  }

  public List<JsonObject> getRules() {
    return rules;
  }

  /**
   * Sets what roles may do: objects with {@code role}, {@code types} (names of messages, {@code
   * APPLICATION} for all of the application's own, {@code *} for all) and {@code models} (patterns
   * in which * stands for anything). What no rule allows is denied.
   */
  public AuthOptions setRules(List<JsonObject> newRules) {
    rules = List.copyOf(newRules);
    return this;
  }

  public TokenOptions getToken() {
    return token;
  }

  /** Sets how tokens are verified; the method {@code token} needs it. */
  public AuthOptions setToken(TokenOptions newToken) {
    token = newToken;
    return this;
  }

  public String getDenyListFile() {
    return denyListFile;
  }

  /**
   * Sets the file of those who are kept out: a name on each line, or {@code serial:} and the serial
   * number of a certificate in hexadecimal.
   */
  public AuthOptions setDenyListFile(String file) {
    denyListFile = file;
    return this;
  }

  public int getDenyListMs() {
    return denyListMs;
  }

  /** Sets how often the deny list is looked at, in milliseconds. */
  public AuthOptions setDenyListMs(int ms) {
    if (ms < 1 || ms > MAX_DENY_LIST_MS) {
      throw new IllegalArgumentException("denyListMs must be 1 to " + MAX_DENY_LIST_MS + ": " + ms);
    }
    denyListMs = ms;
    return this;
  }

  public String getAuditFile() {
    return auditFile;
  }

  /** Sets the file to which control actions and refusals are appended; none by default. */
  public AuthOptions setAuditFile(String file) {
    auditFile = file;
    return this;
  }
}
