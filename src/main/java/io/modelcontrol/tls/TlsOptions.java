package io.modelcontrol.tls;

import io.vertx.codegen.annotations.DataObject;
import io.vertx.codegen.json.annotations.JsonGen;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * TLS of a server or a client: who this end is, whom it trusts, and by which engine. All files are
 * read again when they change, see {@link #setReloadMs}.
 */
@DataObject
@JsonGen(publicConverter = false)
public class TlsOptions {
  /** The ALPN name of the protocol; an end that does not agree to it is refused. */
  public static final String ALPN = "mcp/1";

  /** The default engine = Bouncy Castle. */
  public static final TlsEngine DEFAULT_ENGINE = TlsEngine.BOUNCY_CASTLE;

  /** Whether a server asks clients for certificates by default = {@code REQUIRED}. */
  public static final ClientAuth DEFAULT_CLIENT_AUTH = ClientAuth.REQUIRED;

  /** The default versions of TLS = {@code TLSv1.3} only. */
  public static final List<String> DEFAULT_PROTOCOLS = List.of("TLSv1.3");

  /**
   * The default key exchange groups = the hybrid of X25519 and ML-KEM-768 first, then X25519,
   * P-256, P-384. Groups that an engine lacks are left out.
   */
  public static final List<String> DEFAULT_GROUPS =
      List.of("X25519MLKEM768", "x25519", "secp256r1", "secp384r1");

  /** Whether a client compares the server's name with its certificate by default = {@code true}. */
  public static final boolean DEFAULT_VERIFY_HOST = true;

  /** The default time between looks at the files = {@code 5000} ms. */
  public static final int DEFAULT_RELOAD_MS = 5_000;

  private static final Set<String> KNOWN_PROTOCOLS = Set.of("TLSv1.2", "TLSv1.3");

  private TlsEngine engine = DEFAULT_ENGINE;
  private String certificateFile;
  private String keyFile;
  private String keyStoreFile;
  private String keyStorePassword;
  private String caFile;
  private String trustStoreFile;
  private String trustStorePassword;
  private ClientAuth clientAuth = DEFAULT_CLIENT_AUTH;
  private List<String> protocols = DEFAULT_PROTOCOLS;
  private List<String> groups = DEFAULT_GROUPS;
  private boolean verifyHost = DEFAULT_VERIFY_HOST;
  private int reloadMs = DEFAULT_RELOAD_MS;

  public TlsOptions() {}

  public TlsOptions(TlsOptions other) {
    engine = other.engine;
    certificateFile = other.certificateFile;
    keyFile = other.keyFile;
    keyStoreFile = other.keyStoreFile;
    keyStorePassword = other.keyStorePassword;
    caFile = other.caFile;
    trustStoreFile = other.trustStoreFile;
    trustStorePassword = other.trustStorePassword;
    clientAuth = other.clientAuth;
    protocols = other.protocols;
    groups = other.groups;
    verifyHost = other.verifyHost;
    reloadMs = other.reloadMs;
  }

  public TlsOptions(JsonObject json) {
    TlsOptionsConverter.fromJson(json, this);
  }

  public JsonObject toJson() {
    JsonObject json = new JsonObject();
    TlsOptionsConverter.toJson(this, json);
    return json;
  }

  public TlsEngine getEngine() {
    return engine;
  }

  /** Sets what does the cryptography. */
  public TlsOptions setEngine(TlsEngine newEngine) {
    engine = Objects.requireNonNull(newEngine, "engine");
    return this;
  }

  public String getCertificateFile() {
    return certificateFile;
  }

  /** Sets the PEM file of this end's certificate, followed by those between it and the CA. */
  public TlsOptions setCertificateFile(String file) {
    certificateFile = file;
    return this;
  }

  public String getKeyFile() {
    return keyFile;
  }

  /** Sets the PEM file of the private key: PKCS#8, or the older forms of EC and RSA. */
  public TlsOptions setKeyFile(String file) {
    keyFile = file;
    return this;
  }

  public String getKeyStoreFile() {
    return keyStoreFile;
  }

  /** Sets a PKCS#12 or JKS file with key and certificate, instead of the two PEM files. */
  public TlsOptions setKeyStoreFile(String file) {
    keyStoreFile = file;
    return this;
  }

  public String getKeyStorePassword() {
    return keyStorePassword;
  }

  /** Sets the password of the key store and of its key. */
  public TlsOptions setKeyStorePassword(String password) {
    keyStorePassword = password;
    return this;
  }

  public String getCaFile() {
    return caFile;
  }

  /**
   * Sets the PEM file of the certificate authorities whose certificates are accepted of the other
   * end. A client without it, and without a trust store, trusts what its JDK trusts.
   */
  public TlsOptions setCaFile(String file) {
    caFile = file;
    return this;
  }

  public String getTrustStoreFile() {
    return trustStoreFile;
  }

  /** Sets a PKCS#12 or JKS file with the authorities, instead of the PEM file. */
  public TlsOptions setTrustStoreFile(String file) {
    trustStoreFile = file;
    return this;
  }

  public String getTrustStorePassword() {
    return trustStorePassword;
  }

  /** Sets the password of the trust store. */
  public TlsOptions setTrustStorePassword(String password) {
    trustStorePassword = password;
    return this;
  }

  public ClientAuth getClientAuth() {
    return clientAuth;
  }

  /** Sets whether a server asks its clients for certificates; of no use to a client. */
  public TlsOptions setClientAuth(ClientAuth auth) {
    clientAuth = Objects.requireNonNull(auth, "clientAuth");
    return this;
  }

  public List<String> getProtocols() {
    return protocols;
  }

  /** Sets the versions of TLS: TLSv1.3, and TLSv1.2 for peers that have nothing newer. */
  public TlsOptions setProtocols(List<String> versions) {
    for (String version : versions) {
      if (!KNOWN_PROTOCOLS.contains(version)) {
        throw new IllegalArgumentException("protocols must be TLSv1.3 or TLSv1.2: " + version);
      }
    }
    if (versions.isEmpty()) {
      throw new IllegalArgumentException("protocols must not be empty");
    }
    protocols = List.copyOf(versions);
    return this;
  }

  public List<String> getGroups() {
    return groups;
  }

  /** Sets the key exchange groups, the preferred one first. */
  public TlsOptions setGroups(List<String> names) {
    if (names.isEmpty()) {
      throw new IllegalArgumentException("groups must not be empty");
    }
    groups = List.copyOf(names);
    return this;
  }

  public boolean isVerifyHost() {
    return verifyHost;
  }

  /** Sets whether a client compares the server's name with its certificate (RFC 9525). */
  public TlsOptions setVerifyHost(boolean verify) {
    verifyHost = verify;
    return this;
  }

  public int getReloadMs() {
    return reloadMs;
  }

  /** Sets how often the files are looked at, in milliseconds; 0 is never. */
  public TlsOptions setReloadMs(int ms) {
    if (ms < 0) {
      throw new IllegalArgumentException("reloadMs must be at least 0: " + ms);
    }
    reloadMs = ms;
    return this;
  }
}
