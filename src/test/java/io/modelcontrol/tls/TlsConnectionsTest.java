package io.modelcontrol.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.client.McpClient;
import io.modelcontrol.client.McpClientOptions;
import io.modelcontrol.server.McpServer;
import io.modelcontrol.server.McpServerOptions;
import io.modelcontrol.testing.HelloRecorder;
import io.modelcontrol.testing.TestCertificates;
import io.modelcontrol.testing.TestCertificates.ClientCertificate;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.net.NetClientOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class TlsConnectionsTest {
  /** In the IANA registry of TLS supported groups. */
  private static final int X25519MLKEM768 = 0x11EC;

  @TempDir Path folder;

  private final Vertx vertx = Vertx.vertx();
  private TestCertificates certificates;
  private McpServer server;

  @BeforeEach
  void makeCertificates() {
    certificates = new TestCertificates(folder);
  }

  @AfterEach
  void close() throws Exception {
    if (server != null) {
      server.close().await(10, TimeUnit.SECONDS);
    }
    vertx.close().await(10, TimeUnit.SECONDS);
  }

  @ParameterizedTest
  @CsvSource({
    "BOUNCY_CASTLE, BOUNCY_CASTLE",
    "BOUNCY_CASTLE, JDK",
    "BOUNCY_CASTLE, OPENSSL",
    "JDK, BOUNCY_CASTLE",
    "JDK, JDK",
    "JDK, OPENSSL",
    "OPENSSL, BOUNCY_CASTLE",
    "OPENSSL, JDK",
    "OPENSSL, OPENSSL"
  })
  void eachEngineTalksToEachOther(TlsEngine serverEngine, TlsEngine clientEngine) throws Exception {
    listen(certificates.serverOptions(serverEngine));
    McpClient client = client(certificates.clientOptions(clientEngine, "edge-1", "client"));
    client.connect().await(10, TimeUnit.SECONDS);
    assertTrue(client.ping().await(10, TimeUnit.SECONDS) > 0);
    client.close().await(10, TimeUnit.SECONDS);
  }

  @ParameterizedTest
  @CsvSource({
    "BOUNCY_CASTLE, BOUNCY_CASTLE",
    "BOUNCY_CASTLE, OPENSSL",
    "OPENSSL, BOUNCY_CASTLE",
  })
  void thePostQuantumHybridIsNegotiated(TlsEngine serverEngine, TlsEngine clientEngine)
      throws Exception {
    listen(certificates.serverOptions(serverEngine));
    try (HelloRecorder recorder = new HelloRecorder(server.actualPort())) {
      McpClient client =
          McpClient.create(
              vertx,
              new McpClientOptions()
                  .setPort(recorder.port())
                  .setTls(certificates.clientOptions(clientEngine, "edge-1", "client")));
      client.connect().await(10, TimeUnit.SECONDS);
      assertEquals(X25519MLKEM768, recorder.group());
      client.close().await(10, TimeUnit.SECONDS);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "BOUNCY_CASTLE, NONE, NO_CERTIFICATE",
    "BOUNCY_CASTLE, WRONG_CA, BAD_CERTIFICATE",
    "BOUNCY_CASTLE, SELF_SIGNED, BAD_CERTIFICATE",
    "JDK, NONE, BAD_CERTIFICATE",
    "JDK, WRONG_CA, BAD_CERTIFICATE",
    "JDK, SELF_SIGNED, BAD_CERTIFICATE",
    "OPENSSL, NONE, NO_CERTIFICATE",
    "OPENSSL, WRONG_CA, UNKNOWN_CA",
    "OPENSSL, SELF_SIGNED, UNKNOWN_CA",
  })
  void aBadCertificateOfAClientIsRefusedByAnAlert(
      TlsEngine engine, ClientCertificate kind, TlsFailure told) throws Exception {
    listen(certificates.serverOptions(engine));
    assertRefused(told.text(), certificates.clientOptions(engine, "edge-1", "client", kind));
    assertEquals(0, server.sessionCount());
  }

  @ParameterizedTest
  @EnumSource(TlsEngine.class)
  void aClientDoesNotEvenTryAnExpiredCertificateOfItsOwn(TlsEngine engine) throws Exception {
    listen(certificates.serverOptions(engine));
    TlsOptions expired =
        certificates.clientOptions(engine, "edge-1", "client", ClientCertificate.EXPIRED);
    McpException refused = refused(expired);
    assertEquals(ErrorCode.INVALID_ARGUMENT, refused.code());
    assertTrue(refused.getMessage().contains("the certificate is valid from"));
  }

  @ParameterizedTest
  @EnumSource(TlsEngine.class)
  void aServerThatNobodyKnowsIsRefused(TlsEngine engine) throws Exception {
    listen(certificates.serverOptions(engine));
    TlsOptions client = certificates.clientOptions(engine, "edge-1", "client");
    certificates.newAuthority();
    assertRefused(TlsFailure.UNKNOWN_CA.text(), client);
  }

  @ParameterizedTest
  @EnumSource(TlsEngine.class)
  void aServerOfAnotherNameIsRefused(TlsEngine engine) throws Exception {
    certificates.renameServer();
    listen(certificates.serverOptions(engine));
    TlsOptions client = certificates.clientOptions(engine, "edge-1", "client");
    assertRefused(TlsFailure.HOSTNAME_MISMATCH.text(), client);
    client(client.setVerifyHost(false)).connect().await(10, TimeUnit.SECONDS);
  }

  @ParameterizedTest
  @EnumSource(TlsEngine.class)
  void aPlainServerIsNoServerOfTls(TlsEngine engine) throws Exception {
    listen(null);
    assertRefused(
        TlsFailure.PEER_CLOSED.text(), certificates.clientOptions(engine, "edge-1", "client"));
  }

  @ParameterizedTest
  @EnumSource(TlsEngine.class)
  void aPeerThatDoesNotNameTheProtocolIsRefused(TlsEngine engine) throws Exception {
    listen(certificates.serverOptions(engine).setClientAuth(ClientAuth.NONE));
    Promise<Void> closed = Promise.promise();
    vertx
        .createNetClient(
            new NetClientOptions()
                .setSsl(true)
                .setTrustAll(true)
                .setHostnameVerificationAlgorithm(""))
        .connect(server.actualPort(), "127.0.0.1")
        .onSuccess(socket -> socket.closeHandler(closed::complete))
        .onFailure(failure -> closed.complete());
    closed.future().await(10, TimeUnit.SECONDS);
    assertEquals(0, server.sessionCount());
  }

  @Test
  void olderVersionsAreRefusedUnlessConfigured() throws Exception {
    listen(certificates.serverOptions(TlsEngine.BOUNCY_CASTLE));
    TlsOptions old =
        certificates
            .clientOptions(TlsEngine.JDK, "edge-1", "client")
            .setProtocols(List.of("TLSv1.2"));
    assertRefused(TlsFailure.PROTOCOL_VERSION.text(), old);
    server.close().await(10, TimeUnit.SECONDS);
    listen(
        certificates
            .serverOptions(TlsEngine.BOUNCY_CASTLE)
            .setProtocols(List.of("TLSv1.3", "TLSv1.2")));
    client(old).connect().await(10, TimeUnit.SECONDS);
  }

  @ParameterizedTest
  @CsvSource({"BOUNCY_CASTLE, PKCS12", "JDK, PKCS12", "OPENSSL, PKCS12", "BOUNCY_CASTLE, JKS"})
  void keyStoresAreAccepted(TlsEngine engine, String type) throws Exception {
    listen(
        new TlsOptions()
            .setEngine(engine)
            .setCaFile(certificates.path("ca.pem"))
            .setKeyStoreFile(certificates.serverKeyStore(type, "secret"))
            .setKeyStorePassword("secret"));
    client(certificates.clientOptions(engine, "edge-1", "client"))
        .connect()
        .await(10, TimeUnit.SECONDS);
  }

  private void assertRefused(String text, TlsOptions tls) {
    McpException refused = refused(tls);
    assertEquals(ErrorCode.NETWORK_TLS_FAILED, refused.code(), refused.getMessage());
    assertTrue(refused.getMessage().contains(text), refused.getMessage());
  }

  private McpException refused(TlsOptions tls) {
    McpClient client = client(tls);
    return assertThrows(McpException.class, () -> client.connect().await(10, TimeUnit.SECONDS));
  }

  private void listen(TlsOptions tlsOrNull) throws Exception {
    listen(tlsOrNull, 0);
  }

  private void listen(TlsOptions tlsOrNull, int port) throws Exception {
    server =
        McpServer.create(vertx, new McpServerOptions().setPort(port).setTls(tlsOrNull))
            .listen()
            .await(10, TimeUnit.SECONDS);
  }

  private McpClient client(TlsOptions tls) {
    return McpClient.create(vertx, new McpClientOptions().setPort(server.actualPort()).setTls(tls));
  }

  @ParameterizedTest
  @EnumSource(TlsEngine.class)
  void newCertificatesAreUsedWhileOldSessionsGoOn(TlsEngine engine) throws Exception {
    listen(certificates.serverOptions(engine).setReloadMs(20));
    McpClient before = client(certificates.clientOptions(engine, "edge-1", "client"));
    before.connect().await(10, TimeUnit.SECONDS);
    certificates.newAuthority();
    certificates.newServer();
    connectEventually(client(certificates.clientOptions(engine, "edge-2", "client")));
    before.ping().await(10, TimeUnit.SECONDS);
    assertEquals(2, server.sessionCount());
  }

  @ParameterizedTest
  @ValueSource(strings = {"broken", "of another key", "expired"})
  void aBadNewCertificateKeepsTheOldOne(String how) throws Exception {
    listen(certificates.serverOptions(TlsEngine.BOUNCY_CASTLE).setReloadMs(0));
    switch (how) {
      case "broken" -> certificates.write("server.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n");
      case "expired" -> certificates.expireServer();
      default -> certificates.write("server.pem", certificates.authority().self().certificatePem());
    }
    McpException refused =
        assertThrows(
            McpException.class, () -> server.reloadCertificates().await(10, TimeUnit.SECONDS));
    assertEquals(ErrorCode.INVALID_ARGUMENT, refused.code());
    client(certificates.clientOptions(TlsEngine.BOUNCY_CASTLE, "edge-1", "client"))
        .connect()
        .await(10, TimeUnit.SECONDS);
  }

  @Test
  void aClientTakesUpItsNewCertificateToo() throws Exception {
    listen(certificates.serverOptions(TlsEngine.BOUNCY_CASTLE));
    int port = server.actualPort();
    McpClient client =
        client(
            certificates
                .clientOptions(TlsEngine.BOUNCY_CASTLE, "edge-1", "client")
                .setReloadMs(20));
    client.connect().await(10, TimeUnit.SECONDS);
    server.close().await(10, TimeUnit.SECONDS);
    certificates.newAuthority();
    certificates.newServer();
    certificates.clientOptions(TlsEngine.BOUNCY_CASTLE, "edge-1", "client");
    listen(certificates.serverOptions(TlsEngine.BOUNCY_CASTLE), port);
    connectEventually(client);
  }

  /** Certificates that were written a moment ago are in use a moment later. */
  private static void connectEventually(McpClient client) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (true) {
      try {
        client.connect().await(10, TimeUnit.SECONDS);
        return;
      } catch (McpException e) {
        assertTrue(System.nanoTime() < deadline, e.getMessage());
      }
    }
  }
}
