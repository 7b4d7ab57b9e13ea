package io.modelcontrol.proof;

import static io.modelcontrol.testing.TestNode.await;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.client.McpClient;
import io.modelcontrol.client.McpClientOptions;
import io.modelcontrol.server.AuthOptions;
import io.modelcontrol.server.McpServer;
import io.modelcontrol.server.McpServerOptions;
import io.modelcontrol.session.transport.McpStream;
import io.modelcontrol.testing.HelloRecorder;
import io.modelcontrol.testing.TestCertificates;
import io.modelcontrol.testing.TestCertificates.ClientCertificate;
import io.modelcontrol.tls.TlsEngine;
import io.modelcontrol.tls.TlsOptions;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageType;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.PemKeyCertOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Engine x client certificate x role x message type, over real sockets: each has the outcome that
 * the guide tells. With Bouncy Castle the post-quantum group is seen in the ServerHello.
 */
public final class TlsMatrixProof implements Proof {
  private static final int X25519MLKEM768 = 0x11EC;
  private static final int APPLICATION = 0x80;
  private static final String REVOKED = "edge-revoked";

  /** Every type that may begin a stream, as far as the server has a handler; see listen(). */
  private static final List<Integer> TYPES =
      Stream.concat(
              Stream.of(MessageType.values())
                  .map(MessageType::code)
                  .filter(code -> code >= MessageType.MODEL_LOAD_REQ.code()),
              Stream.of(APPLICATION, 0xFF))
          .toList();

  /** The guide's table of the default rules, written out once more. */
  private static final Map<String, Set<Integer>> ALLOWED =
      Map.of(
          "admin", Set.copyOf(TYPES),
          "publisher", Set.of(0x05, 0x06, 0x07, 0x08),
          "client", Set.of(0x08, 0x09, 0x0A),
          "monitor", Set.of(0x08),
          "nobody", Set.of());

  private final Vertx vertx = Vertx.vertx();
  private int checked;

  @Override
  public String run(ProofArgs args) throws Exception {
    int rounds = args.countOr(1);
    Path folder = Files.createTempDirectory("matrix");
    try {
      for (int round = 0; round < rounds; round++) {
        for (TlsEngine engine : List.of(TlsEngine.BOUNCY_CASTLE, TlsEngine.JDK)) {
          matrix(engine, new TestCertificates(folder), folder);
        }
      }
    } finally {
      await(vertx.close());
      delete(folder);
    }
    return checked + " cells as documented; group X25519MLKEM768 seen with Bouncy Castle";
  }

  private void matrix(TlsEngine engine, TestCertificates certificates, Path folder)
      throws Exception {
    Path denied = Files.writeString(folder.resolve("denied"), REVOKED + "\n");
    McpServer server =
        McpServer.create(
            vertx, new McpServerOptions().setPort(0).setTls(certificates.serverOptions(engine)));
    server.auth(
        new AuthOptions()
            .setMethods(List.of("mtls"))
            .setIdentitySources(List.of("CN"))
            .setDenyListFile(denied.toString()));
    for (int type : TYPES) {
      server.requestHandler(
          type,
          request -> {
            request.message().release();
            request.reply(Message.of(MessageType.STATUS).status(ErrorCode.OK));
          });
    }
    await(server.listen());
    for (String role : ALLOWED.keySet()) {
      good(server, certificates, engine, role);
      for (ClientCertificate kind : ClientCertificate.values()) {
        if (kind != ClientCertificate.GOOD) {
          bad(server, certificates, engine, role, kind);
        }
      }
      revoked(server, certificates, engine, role);
    }
    postQuantum(server, certificates, engine);
    await(server.close());
  }

  private void good(McpServer server, TestCertificates certificates, TlsEngine engine, String role)
      throws Exception {
    McpClient client = client(server, certificates.clientOptions(engine, "edge-1", role));
    await(client.connect());
    for (int type : TYPES) {
      ErrorCode expected =
          ALLOWED.get(role).contains(type) ? ErrorCode.OK : ErrorCode.PERMISSION_DENIED;
      expect(engine + " good " + role + " type " + type, expected, answer(client, type));
    }
    await(client.close());
  }

  private static ErrorCode answer(McpClient client, int type) throws Exception {
    return await(client.stream().compose(stream -> answer(stream, type)));
  }

  private static Future<ErrorCode> answer(McpStream stream, int type) {
    Promise<ErrorCode> answered = Promise.promise();
    stream.exceptionHandler(failure -> answered.tryComplete(McpException.of(failure).code()));
    stream.handler(
        message -> {
          answered.tryComplete(message.status());
          message.release();
        });
    stream.end(message(type).modelName("any"));
    return answered.future();
  }

  private static Message message(int type) {
    MessageType standard = MessageType.of(type);
    return standard == null ? Message.ofApplication(type) : Message.of(standard);
  }

  /** No request gets through: the connection has no session before the handshake is done. */
  private void bad(
      McpServer server,
      TestCertificates certificates,
      TlsEngine engine,
      String role,
      ClientCertificate kind)
      throws Exception {
    TlsOptions options = certificates.clientOptions(engine, "edge-1", role, kind);
    String cell = engine + " " + kind + " " + role;
    if (kind == ClientCertificate.EXPIRED) {
      // Our own client does not even try; a client of others does.
      expect(cell + " here", ErrorCode.INVALID_ARGUMENT, failure(client(server, options)));
      Promise<Void> ended = Promise.promise();
      vertx
          .createNetClient(
              new NetClientOptions()
                  .setSsl(true)
                  .setTrustAll(true)
                  .setHostnameVerificationAlgorithm("")
                  .setKeyCertOptions(
                      new PemKeyCertOptions()
                          .setCertPath(options.getCertificateFile())
                          .setKeyPath(options.getKeyFile())))
          .connect(server.actualPort(), "127.0.0.1")
          .onSuccess(socket -> socket.closeHandler(ended::tryComplete))
          .onFailure(failure -> ended.tryComplete());
      await(ended.future());
    } else {
      expect(cell, ErrorCode.NETWORK_TLS_FAILED, failure(client(server, options)));
    }
    Waiting.until(() -> server.sessionCount() == 0, "no session of " + cell);
    checked += TYPES.size();
  }

  private void revoked(
      McpServer server, TestCertificates certificates, TlsEngine engine, String role)
      throws Exception {
    TlsOptions options = certificates.clientOptions(engine, REVOKED, role);
    expect(
        engine + " revoked " + role, ErrorCode.UNAUTHENTICATED, failure(client(server, options)));
    checked += TYPES.size();
  }

  private void postQuantum(McpServer server, TestCertificates certificates, TlsEngine engine)
      throws Exception {
    if (engine != TlsEngine.BOUNCY_CASTLE) {
      return;
    }
    try (HelloRecorder recorder = new HelloRecorder(server.actualPort())) {
      McpClient client =
          McpClient.create(
              vertx,
              new McpClientOptions()
                  .setPort(recorder.port())
                  .setTls(certificates.clientOptions(engine, "edge-1", "admin")));
      await(client.connect());
      if (recorder.group() != X25519MLKEM768) {
        throw new AssertionError("the group is " + Integer.toHexString(recorder.group()));
      }
      await(client.close());
    }
  }

  private McpClient client(McpServer server, TlsOptions tls) {
    return McpClient.create(vertx, new McpClientOptions().setPort(server.actualPort()).setTls(tls));
  }

  private static ErrorCode failure(McpClient client) throws Exception {
    try {
      await(client.connect());
      return ErrorCode.OK;
    } catch (McpException e) {
      return e.code();
    } finally {
      await(client.close());
    }
  }

  private void expect(String cell, ErrorCode expected, ErrorCode actual) {
    if (expected != actual) {
      throw new AssertionError(cell + ": " + expected + " expected, was " + actual);
    }
    checked++;
  }

  private static void delete(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
