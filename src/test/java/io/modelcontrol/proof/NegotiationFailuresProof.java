package io.modelcontrol.proof;

import static io.modelcontrol.testing.TestNode.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.auth.Identity;
import io.modelcontrol.client.McpClient;
import io.modelcontrol.client.McpClientOptions;
import io.modelcontrol.observe.Observability;
import io.modelcontrol.observe.ObserveOptions;
import io.modelcontrol.observe.TracingOptions;
import io.modelcontrol.server.AuthOptions;
import io.modelcontrol.server.McpServer;
import io.modelcontrol.server.McpServerOptions;
import io.modelcontrol.session.SessionConfig;
import io.modelcontrol.telemetry.NegotiationFailure;
import io.modelcontrol.testing.OtlpReceiver;
import io.modelcontrol.testing.OtlpReceiver.Span;
import io.modelcontrol.testing.TestCertificates;
import io.modelcontrol.testing.TestCertificates.ClientCertificate;
import io.modelcontrol.tls.TlsEngine;
import io.modelcontrol.tls.TlsOptions;
import io.modelcontrol.wire.FrameEncoder;
import io.modelcontrol.wire.FrameHeader;
import io.modelcontrol.wire.FrameType;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageEncoder;
import io.modelcontrol.wire.MessageType;
import io.modelcontrol.wire.Negotiation;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.PemKeyCertOptions;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.LoggerFactory;

/**
 * Each reason for which a connection does not become a session is provoked by a real peer, and
 * found in the metric, in the log and in the trace, with the same trace id.
 */
public final class NegotiationFailuresProof implements Proof {
  private static final int TIMEOUT_MS = 400;
  private static final Duration ARRIVE = Duration.ofSeconds(20);
  private static final Pattern LINE =
      Pattern.compile(
          "handshake failed: protocol=(\\w+) phase=(\\w+) reason=(\\w+) trace_id=([0-9a-f]{32}): .*");
  private static final int END_MESSAGE = 0x01;

  private interface Peer {
    void run() throws Exception;
  }

  private final List<String> provoked = new ArrayList<>();
  private final List<String> lines = new CopyOnWriteArrayList<>();
  private final AppenderBase<ILoggingEvent> log =
      new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
          lines.add(event.getFormattedMessage());
        }
      };
  private OtlpReceiver collector;
  private Observability observability;
  private Vertx vertx;
  private Vertx peers;
  private TestCertificates certificates;
  private McpServer plain;
  private McpServer secure;
  private McpServer revoking;
  private McpServer failing;

  @Override
  public String run(ProofArgs args) throws Exception {
    Logger logger = (Logger) LoggerFactory.getLogger("io.modelcontrol.server.Handshake");
    logger.setAdditive(false);
    log.start();
    logger.addAppender(log);
    collector = new OtlpReceiver();
    observability =
        Observability.create(
            new ObserveOptions()
                .setTracing(
                    new TracingOptions().setOtlpEndpoint(collector.endpoint()).setExportMs(50)));
    vertx = observability.builder().with(observability.observed(new VertxOptions())).build();
    observability.install(vertx);
    peers = Vertx.vertx();
    certificates = new TestCertificates(Files.createTempDirectory("failures"));
    try {
      listen();
      overTcp();
      overTls();
      certificateDates();
      everyReason();
    } finally {
      logger.detachAppender(log);
      await(peers.close());
      await(vertx.close());
      observability.close();
      collector.close();
    }
    return provoked.size()
        + " reasons, each in metric, log and trace with one trace id: "
        + String.join(" ", provoked);
  }

  private void listen() throws Exception {
    McpServerOptions options = new McpServerOptions().setPort(0).setHandshakeTimeoutMs(TIMEOUT_MS);
    plain = await(McpServer.create(vertx, options).listen());
    TlsOptions tls = certificates.serverOptions(TlsEngine.BOUNCY_CASTLE);
    secure = await(McpServer.create(vertx, options.setTls(tls)).listen());
    McpServerOptions other = new McpServerOptions().setPort(0);
    Path denied = Files.writeString(Files.createTempFile("denied", ".txt"), "anonymous\n");
    revoking =
        await(
            McpServer.create(vertx, other)
                .auth(new AuthOptions().setDenyListFile(denied.toString()))
                .listen());
    failing = await(McpServer.create(vertx, other).authenticator(presented -> noAnswer()).listen());
  }

  /** As of an authenticator that asks somebody who is not there. */
  private static Identity noAnswer() {
    throw McpException.sessionError(ErrorCode.SERVICE_UNAVAILABLE, "the directory does not answer");
  }

  private void overTcp() throws Exception {
    provoke("tcp", "negotiate", "not_mcp", () -> send("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
    provoke("tcp", "negotiate", "settings_timeout", () -> send(""));
    provoke("tcp", "auth", "settings_timeout", () -> send(frame(offer(SessionConfig.VERSION))));
    provoke("tcp", "negotiate", "schema_mismatch", () -> send(frame(noOffer())));
    provoke("tcp", "negotiate", "version_mismatch", () -> send(frame(offer(9 << 8))));
    provoke(
        "tcp",
        "negotiate",
        "protocol_error",
        () -> send(frame(Message.of(MessageType.AUTH_REQ).authMethod("none"))));
    provoke(
        "tcp",
        "auth",
        "auth_refused",
        () ->
            send(
                frame(offer(SessionConfig.VERSION))
                    .appendBuffer(frame(Message.of(MessageType.AUTH_REQ).authMethod("mtls")))));
    provoke("tcp", "negotiate", "peer_closed", this::hangUp);
    provoke("tcp", "auth", "resume_rejected", () -> send(resumption()));
    provoke("tcp", "auth", "revoked", () -> refusedBy(revoking));
    provoke("tcp", "auth", "other", () -> refusedBy(failing));
  }

  private void overTls() throws Exception {
    provoke("tls", "tls", "no_certificate", () -> connect(ClientCertificate.NONE));
    provoke("tls", "tls", "unknown_ca", () -> connect(ClientCertificate.WRONG_CA));
    provoke("tls", "tls", "self_signed", () -> connect(ClientCertificate.SELF_SIGNED));
    provoke(
        "tls", "tls", "certificate_expired", () -> foreign(ClientCertificate.EXPIRED, "TLSv1.3"));
    provoke("tls", "tls", "protocol_version", () -> foreign(ClientCertificate.GOOD, "TLSv1.2"));
    provoke("tls", "tls", "alpn_mismatch", () -> foreign(ClientCertificate.GOOD, "TLSv1.3"));
    provoke("tls", "tls", "bad_certificate", this::distrust);
    provoke("tls", "tls", "not_tls", this::sendToSecure);
    provoke("tls", "tls", "handshake_timeout", this::silentToSecure);
  }

  private void everyReason() {
    for (NegotiationFailure failure : NegotiationFailure.values()) {
      if (provoked.stream().noneMatch(what -> what.endsWith("/" + failure.reason()))) {
        throw new AssertionError(failure + " was not provoked");
      }
    }
  }

  /** The dates of the certificate are in the log. */
  private void certificateDates() {
    boolean told =
        lines.stream()
            .anyMatch(
                line -> line.contains("certificate_expired") && line.contains(" is valid from "));
    if (!told) {
      throw new AssertionError("the dates of the expired certificate are not in the log");
    }
  }

  private void provoke(String protocol, String phase, String reason, Peer peer) throws Exception {
    peer.run();
    String what = protocol + " " + phase + " " + reason;
    Waiting.until(() -> traceInLog(protocol, phase, reason) != null, "the log of " + what, ARRIVE);
    String trace = traceInLog(protocol, phase, reason);
    Waiting.until(() -> span(trace) != null, "the trace of " + what, ARRIVE);
    Map<String, String> attributes = span(trace).attributes();
    if (!attributes.get("mcp.reason").equals(reason)
        || !attributes.get("mcp.phase").equals(phase)) {
      throw new AssertionError("the span of " + what + " has " + attributes);
    }
    String sample =
        "mcp_negotiation_failures_total{phase=\""
            + phase
            + "\",protocol=\""
            + protocol
            + "\",reason=\""
            + reason
            + "\"}";
    Waiting.until(
        () ->
            observability
                .scrape("application/openmetrics-text")
                .lines()
                .anyMatch(line -> line.startsWith(sample) && line.contains(trace)),
        "the metric of " + what + " with exemplar " + trace,
        ARRIVE);
    provoked.add(what.replace(' ', '/'));
  }

  private String traceInLog(String protocol, String phase, String reason) {
    for (String text : lines) {
      Matcher line = LINE.matcher(text);
      if (line.matches()
          && line.group(1).equals(protocol)
          && line.group(2).equals(phase)
          && line.group(3).equals(reason)) {
        return line.group(4);
      }
    }
    return null;
  }

  private Span span(String trace) {
    return collector.spans().stream()
        .filter(span -> span.traceId().equals(trace) && span.name().equals("mcp.handshake"))
        .findFirst()
        .orElse(null);
  }

  private static Message offer(int version) {
    return Message.of(MessageType.NEGOTIATE_REQ)
        .negotiation(
            new Negotiation(
                version, version, Map.of(), Map.of(), SessionConfig.DEFAULT_LIMITS, "proof"));
  }

  /** Wants to go on with a session that never was. */
  private static Buffer resumption() {
    Message offer =
        Message.of(MessageType.NEGOTIATE_REQ)
            .negotiation(
                new Negotiation(
                    SessionConfig.VERSION,
                    SessionConfig.VERSION,
                    Map.of(SessionConfig.RESUME, true),
                    Map.of(),
                    SessionConfig.DEFAULT_LIMITS,
                    "proof"));
    return frame(offer)
        .appendBuffer(
            frame(
                Message.of(MessageType.AUTH_REQ)
                    .authMethod("none")
                    .sessionToken(new byte[64])
                    .received(0)));
  }

  private void refusedBy(McpServer server) throws Exception {
    McpClient client = McpClient.create(peers, new McpClientOptions().setPort(server.actualPort()));
    refused(client);
  }

  private static void refused(McpClient client) throws Exception {
    try {
      await(client.connect());
    } catch (McpException expected) {
      await(client.close());
      return;
    }
    throw new AssertionError("a client was let in");
  }

  /** Our own client, which does not trust the server. */
  private void distrust() throws Exception {
    TestCertificates others = new TestCertificates(Files.createTempDirectory("others"));
    refused(
        McpClient.create(
            peers,
            new McpClientOptions()
                .setPort(secure.actualPort())
                .setTls(others.clientOptions(TlsEngine.JDK, "edge-1", "client"))));
  }

  /** The message without the field that it must have. */
  private static Message noOffer() {
    return Message.of(MessageType.NEGOTIATE_REQ);
  }

  private static Buffer frame(Message message) {
    ByteBuf encoded = MessageEncoder.encode(message, UnpooledByteBufAllocator.DEFAULT);
    byte[] payload = ByteBufUtil.getBytes(encoded);
    encoded.release();
    ByteBuf frame = Unpooled.buffer(FrameHeader.LENGTH + payload.length);
    new FrameEncoder()
        .header(frame, FrameType.DATA.code(), END_MESSAGE, 0, Unpooled.wrappedBuffer(payload));
    frame.writeBytes(payload);
    return Buffer.buffer(ByteBufUtil.getBytes(frame));
  }

  private void send(String text) throws Exception {
    send(Buffer.buffer(text.getBytes(StandardCharsets.US_ASCII)));
  }

  /** Sends to the plain server, and waits until it has enough. */
  private void send(Buffer bytes) throws Exception {
    Promise<Void> ended = Promise.promise();
    peers
        .createNetClient()
        .connect(plain.actualPort(), "127.0.0.1")
        .onSuccess(
            socket -> {
              socket.closeHandler(ended::tryComplete);
              if (bytes.length() > 0) {
                socket.write(bytes);
              }
            });
    await(ended.future());
  }

  private void hangUp() throws Exception {
    await(
        peers.createNetClient().connect(plain.actualPort(), "127.0.0.1").compose(NetSocket::close));
  }

  /** Our own client. */
  private void connect(ClientCertificate kind) throws Exception {
    McpClient client =
        McpClient.create(
            peers,
            new McpClientOptions()
                .setPort(secure.actualPort())
                .setTls(certificates.clientOptions(TlsEngine.JDK, "edge-1", "client", kind)));
    try {
      await(client.connect());
      throw new AssertionError(kind + " was let in");
    } catch (McpException expected) {
      await(client.close());
    }
  }

  /** A client of others, which does not name the protocol. */
  private void foreign(ClientCertificate kind, String version) throws Exception {
    TlsOptions files = certificates.clientOptions(TlsEngine.JDK, "edge-1", "client", kind);
    NetClientOptions options =
        new NetClientOptions()
            .setSsl(true)
            .setTrustAll(true)
            .setHostnameVerificationAlgorithm("")
            .setEnabledSecureTransportProtocols(Set.of(version))
            .setKeyCertOptions(
                new PemKeyCertOptions()
                    .setCertPath(files.getCertificateFile())
                    .setKeyPath(files.getKeyFile()));
    Promise<Void> ended = Promise.promise();
    peers
        .createNetClient(options)
        .connect(secure.actualPort(), "127.0.0.1")
        .onSuccess(socket -> socket.closeHandler(ended::tryComplete))
        .onFailure(failure -> ended.tryComplete());
    await(ended.future());
  }

  private void sendToSecure() throws Exception {
    toSecure("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  }

  private void silentToSecure() throws Exception {
    toSecure("");
  }

  private void toSecure(String text) throws Exception {
    Promise<Void> ended = Promise.promise();
    peers
        .createNetClient()
        .connect(secure.actualPort(), "127.0.0.1")
        .onSuccess(
            socket -> {
              socket.closeHandler(ended::tryComplete);
              if (!text.isEmpty()) {
                socket.write(text);
              }
            });
    await(ended.future());
  }
}
