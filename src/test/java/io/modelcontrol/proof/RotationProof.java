package io.modelcontrol.proof;

import static io.modelcontrol.testing.TestNode.await;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.client.McpClient;
import io.modelcontrol.client.McpClientOptions;
import io.modelcontrol.server.McpServer;
import io.modelcontrol.server.McpServerOptions;
import io.modelcontrol.session.transport.McpStream;
import io.modelcontrol.testing.TestCertificates;
import io.modelcontrol.tls.TlsEngine;
import io.modelcontrol.tls.TlsOptions;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageType;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Certificates and CA of a server are replaced again and again, while sessions that were there
 * before go on with requests, and after each rotation a client with a certificate of the new CA
 * comes in. No request fails and no session is dropped.
 */
public final class RotationProof implements Proof {
  private static final int DEFAULT_ROTATIONS = 1_000;
  private static final int SESSIONS = 8;
  private static final int ECHO = 0x80;

  private final Vertx vertx = Vertx.vertx();
  private final AtomicLong answered = new AtomicLong();
  private final AtomicInteger dropped = new AtomicInteger();
  private final AtomicBoolean stopped = new AtomicBoolean();
  private final List<Throwable> failures = new ArrayList<>();

  @Override
  public String run(ProofArgs args) throws Exception {
    int rotations = args.countOr(DEFAULT_ROTATIONS);
    Path folder = Files.createTempDirectory("rotation");
    TestCertificates certificates = new TestCertificates(folder);
    McpServer server = server(certificates);
    List<McpClient> sessions = new ArrayList<>();
    List<Thread> load = new ArrayList<>();
    for (int i = 0; i < SESSIONS; i++) {
      sessions.add(connected(server, certificates, "steady-" + i));
      load.add(load(sessions.get(i)));
    }
    long start = System.nanoTime();
    for (int rotation = 0; rotation < rotations; rotation++) {
      if (rotation % 2 == 0) {
        certificates.newAuthority();
      }
      certificates.newServer();
      await(server.reloadCertificates());
      McpClient fresh = connected(server, certificates, "fresh");
      request(fresh);
      await(fresh.close());
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    stopped.set(true);
    for (Thread thread : load) {
      thread.join();
    }
    if (!failures.isEmpty()) {
      throw new AssertionError(failures.size() + " requests failed", failures.get(0));
    }
    if (dropped.get() != 0 || server.sessionCount() < SESSIONS) {
      throw new AssertionError(dropped + " sessions were dropped");
    }
    for (McpClient session : sessions) {
      await(session.close());
    }
    await(vertx.close());
    return String.format(
        Locale.ROOT,
        "%d rotations in %.1f s, half of them with a new CA; %d sessions from before: %d requests,"
            + " 0 failed, 0 sessions dropped; %d sessions with new certificates",
        rotations,
        seconds,
        SESSIONS,
        answered.get(),
        rotations);
  }

  private McpServer server(TestCertificates certificates) throws TimeoutException {
    TlsOptions tls = certificates.serverOptions(TlsEngine.BOUNCY_CASTLE).setReloadMs(0);
    McpServer server =
        McpServer.create(vertx, new McpServerOptions().setPort(0).setTls(tls))
            .requestHandler(
                ECHO,
                request -> {
                  request.message().release();
                  request.reply(Message.of(MessageType.STATUS).status(ErrorCode.OK));
                });
    return await(server.listen());
  }

  private McpClient connected(McpServer server, TestCertificates certificates, String name)
      throws TimeoutException {
    TlsOptions tls =
        certificates.clientOptions(TlsEngine.BOUNCY_CASTLE, name, "admin").setReloadMs(0);
    // A session that is dropped shall be seen, not mended.
    McpClient client =
        McpClient.create(
            vertx,
            new McpClientOptions()
                .setPort(server.actualPort())
                .setTls(tls)
                .setReconnectTimeoutMs(0));
    await(client.connect());
    if (name.startsWith("steady")) {
      client.closeHandler(
          v -> {
            if (!stopped.get()) {
              dropped.incrementAndGet();
            }
          });
    }
    return client;
  }

  private Thread load(McpClient client) {
    Thread thread =
        new Thread(
            () -> {
              try {
                while (!stopped.get()) {
                  request(client);
                  answered.incrementAndGet();
                }
              } catch (TimeoutException | RuntimeException | AssertionError e) {
                synchronized (failures) {
                  failures.add(e);
                }
              }
            },
            "load");
    thread.start();
    return thread;
  }

  private static void request(McpClient client) throws TimeoutException {
    ErrorCode outcome = await(client.stream().compose(RotationProof::request));
    if (outcome != ErrorCode.OK) {
      throw new AssertionError("a request ended with " + outcome);
    }
  }

  private static Future<ErrorCode> request(McpStream stream) {
    Promise<ErrorCode> outcome = Promise.promise();
    stream.exceptionHandler(failure -> outcome.tryComplete(McpException.of(failure).code()));
    stream.handler(
        message -> {
          outcome.tryComplete(message.status());
          message.release();
        });
    stream.end(Message.ofApplication(ECHO));
    return outcome.future();
  }
}
