package io.modelcontrol.testing;

import io.modelcontrol.tls.DevelopmentCa;
import io.modelcontrol.tls.DevelopmentCa.Issued;
import io.modelcontrol.tls.DevelopmentCa.Subject;
import io.modelcontrol.tls.TlsEngine;
import io.modelcontrol.tls.TlsOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** Certificates of every kind, good and bad, in a folder. */
public final class TestCertificates {
  private static final Duration DAY = Duration.ofDays(1);

  private final Path folder;
  private final Instant now = Instant.now();
  private DevelopmentCa authority;

  /** A new authority with the certificate of a server on loopback. */
  public TestCertificates(Path folder) {
    this.folder = folder;
    newAuthority();
    newServer();
  }

  /** What a client may present. */
  public enum ClientCertificate {
    GOOD,
    NONE,
    EXPIRED,
    WRONG_CA,
    SELF_SIGNED
  }

  /** Another authority; what the one before has signed is not accepted any more. */
  public void newAuthority() {
    authority = DevelopmentCa.create("test CA", now.minus(DAY), now.plus(DAY));
    write("ca.pem", authority.self().certificatePem());
  }

  /** Another certificate for the server. */
  public void newServer() {
    write("server", authority.issue(server(), now.minus(DAY), now.plus(DAY)));
  }

  public DevelopmentCa authority() {
    return authority;
  }

  private static Subject server() {
    return new Subject("localhost", null, List.of("localhost", "127.0.0.1"), List.of(), true);
  }

  private static Subject client(String name, String roleOrNull) {
    return new Subject(name, roleOrNull, List.of(), List.of("spiffe://test/" + name), false);
  }

  /** Options of the server, which asks for certificates. */
  public TlsOptions serverOptions(TlsEngine engine) {
    return new TlsOptions()
        .setEngine(engine)
        .setCaFile(path("ca.pem"))
        .setCertificateFile(path("server.pem"))
        .setKeyFile(path("server.key"));
  }

  /** Options of a client with a good certificate. */
  public TlsOptions clientOptions(TlsEngine engine, String name, String roleOrNull) {
    return clientOptions(engine, name, roleOrNull, ClientCertificate.GOOD);
  }

  /** Options of a client. */
  public TlsOptions clientOptions(
      TlsEngine engine, String name, String roleOrNull, ClientCertificate kind) {
    TlsOptions options = new TlsOptions().setEngine(engine).setCaFile(path("ca.pem"));
    if (kind == ClientCertificate.NONE) {
      return options;
    }
    String file = "client-" + name + "-" + kind;
    write(file, issue(client(name, roleOrNull), kind));
    return options.setCertificateFile(path(file + ".pem")).setKeyFile(path(file + ".key"));
  }

  private Issued issue(Subject subject, ClientCertificate kind) {
    return switch (kind) {
      case EXPIRED -> authority.issue(subject, now.minus(DAY.multipliedBy(2)), now.minus(DAY));
      case WRONG_CA ->
          DevelopmentCa.create("another CA", now.minus(DAY), now.plus(DAY))
              .issue(subject, now.minus(DAY), now.plus(DAY));
      case SELF_SIGNED -> DevelopmentCa.selfSigned(subject, now.minus(DAY), now.plus(DAY));
      default -> authority.issue(subject, now.minus(DAY), now.plus(DAY));
    };
  }

  /** An expired certificate of the server in place of the good one. */
  public void expireServer() {
    write("server", authority.issue(server(), now.minus(DAY.multipliedBy(2)), now.minus(DAY)));
  }

  /** The server's certificate is for another name from now on. */
  public void renameServer() {
    Subject other = new Subject("other", null, List.of("other.example"), List.of(), true);
    write("server", authority.issue(other, now.minus(DAY), now.plus(DAY)));
  }

  /** The server's key and certificate as a key store of this type. */
  public String serverKeyStore(String type, String password) throws Exception {
    Issued issued = authority.issue(server(), now.minus(DAY), now.plus(DAY));
    KeyStore store = KeyStore.getInstance(type);
    store.load(null, null);
    store.setKeyEntry(
        "server", issued.key(), password.toCharArray(), new Certificate[] {issued.certificate()});
    Path file = folder.resolve("server." + type);
    try (var out = Files.newOutputStream(file)) {
      store.store(out, password.toCharArray());
    }
    return file.toString();
  }

  /** Replaces a file of the folder in one step. */
  public void write(String name, String content) {
    try {
      Path fresh = Files.createTempFile(folder, name, ".new");
      Files.writeString(fresh, content);
      Files.move(fresh, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void write(String name, Issued issued) {
    write(name + ".key", issued.keyPem());
    write(name + ".pem", issued.certificatePem());
  }

  public String path(String name) {
    return folder.resolve(name).toString();
  }
}
