package io.modelcontrol.it;

import static io.modelcontrol.testing.TestNode.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.ModelDescriptor;
import io.modelcontrol.Tensor;
import io.modelcontrol.client.McpClient;
import io.modelcontrol.client.McpClientOptions;
import io.modelcontrol.client.ModelUpload;
import io.modelcontrol.testing.TestCertificates;
import io.modelcontrol.tls.TlsEngine;
import io.modelcontrol.tls.TlsOptions;
import io.modelcontrol.verticle.Node;
import io.modelcontrol.verticle.NodeConfig;
import io.modelcontrol.verticle.Role;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.auth.JWTOptions;
import io.vertx.ext.auth.PubSecKeyOptions;
import io.vertx.ext.auth.jwt.JWTAuth;
import io.vertx.ext.auth.jwt.JWTAuthOptions;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A node by its config, with mTLS and tokens: who may come in, and what they may do. */
class AuthorizationTest {
  private static final byte[] ECHO =
      "{\"op\":\"identity\",\"dtype\":\"FLOAT\",\"shape\":[-1]}".getBytes(StandardCharsets.UTF_8);
  private static final Tensor INPUT = Tensor.of("input", new float[] {1}, 1);
  private static final long REVOKED_WITHIN_SECONDS = 5;

  @TempDir Path folder;

  private final Vertx vertx = Vertx.vertx();
  private TestCertificates certificates;
  private KeyPair issuer;
  private Path denied;
  private Path audit;
  private Node node;

  @BeforeEach
  void deploy() throws Exception {
    certificates = new TestCertificates(folder);
    issuer = keyPair();
    denied = Files.writeString(folder.resolve("denied"), "# nobody yet\n");
    audit = folder.resolve("audit.log");
    certificates.write("issuer.pem", pem("PUBLIC KEY", issuer.getPublic().getEncoded()));
    JsonObject config =
        new JsonObject()
            .put("server", new JsonObject().put("port", 0).put("tls", serverTls()))
            .put("models", new JsonObject().put("store", folder.resolve("store").toString()))
            .put(
                "auth",
                new JsonObject()
                    .put("methods", new JsonArray().add("mtls").add("token"))
                    .put("identitySources", new JsonArray().add("CN"))
                    .put("rules", rules())
                    .put(
                        "token",
                        new JsonObject()
                            .put("publicKeyFile", certificates.path("issuer.pem"))
                            .put("issuer", "https://issuer.test")
                            .put("audience", new JsonArray().add("mcp"))
                            .put("leewaySeconds", 0))
                    .put("denyListFile", denied.toString())
                    .put("denyListMs", 100)
                    .put("auditFile", audit.toString()));
    node = await(Node.deploy(vertx, NodeConfig.of(Role.ALL).with(config)));
  }

  private JsonObject serverTls() {
    return new JsonObject()
        .put("caFile", certificates.path("ca.pem"))
        .put("certificateFile", certificates.path("server.pem"))
        .put("keyFile", certificates.path("server.key"))
        .put("clientAuth", "REQUEST");
  }

  private static JsonArray rules() {
    return new JsonArray()
        .add(rule("publisher", List.of("MODEL_LOAD_REQ", "MODEL_UNLOAD_REQ", "STATE_SYNC"), "*"))
        .add(rule("client", List.of("INFERENCE_REQ", "STATE_SYNC"), "public-*"));
  }

  private static JsonObject rule(String role, List<String> types, String models) {
    return new JsonObject()
        .put("role", role)
        .put("types", new JsonArray(types))
        .put("models", new JsonArray().add(models));
  }

  @AfterEach
  void close() throws Exception {
    await(node.stop());
    await(vertx.close());
  }

  @Test
  void aForbiddenRequestDoesNotTellWhetherTheModelExists() throws Exception {
    loadBoth();
    McpClient client = client("edge-1", "client");
    await(client.infer("public-echo", INPUT));
    McpException there = failure(() -> await(client.infer("secret-echo", INPUT)));
    McpException notThere = failure(() -> await(client.infer("secret-other", INPUT)));
    assertThat(there.code()).isEqualTo(ErrorCode.PERMISSION_DENIED);
    assertThat(there.getMessage()).isEqualTo(notThere.getMessage());
    assertThat(there.code()).isEqualTo(notThere.code());
    assertThat(failure(() -> await(client.list("secret-echo"))).code())
        .isEqualTo(ErrorCode.PERMISSION_DENIED);
  }

  @Test
  void listsAndSubscriptionsHoldOnlyWhatTheIdentityMaySee() throws Exception {
    loadBoth();
    McpClient client = client("edge-1", "client");
    assertThat(await(client.list()))
        .extracting(model -> model.id().name())
        .containsExactly("public-echo");
    Promise<List<ModelDescriptor>> pushed = Promise.promise();
    await(client.watch(pushed::tryComplete));
    assertThat(await(pushed.future()))
        .extracting(model -> model.id().name())
        .containsExactly("public-echo");
  }

  @Test
  void aRoleThatNobodyKnowsMayDoNothing() throws Exception {
    McpClient client = client("edge-1", "guest");
    assertThat(failure(() -> await(client.list())).code()).isEqualTo(ErrorCode.PERMISSION_DENIED);
    await(client.ping());
  }

  @ParameterizedTest
  @ValueSource(strings = {"name", "serial"})
  void aRevocationEndsSessionsThatAreReady(String by) throws Exception {
    loadBoth();
    var tls = certificates.clientOptions(TlsEngine.JDK, "edge-1", "client");
    McpClient client = connected(new McpClientOptions().setTls(tls).setReconnectTimeoutMs(0));
    Promise<Void> ended = Promise.promise();
    client.closeHandler(ended::tryComplete);
    await(client.infer("public-echo", INPUT));
    Files.writeString(denied, by.equals("name") ? "edge-1\n" : "serial:" + serial(tls) + "\n");
    ended.future().await(REVOKED_WITHIN_SECONDS, TimeUnit.SECONDS);
    McpException again = failure(() -> await(client.connect()));
    assertThat(again.code()).isEqualTo(ErrorCode.UNAUTHENTICATED);
    assertThat(again).hasMessageContaining("revoked");
    await(client("edge-2", "client").infer("public-echo", INPUT));
  }

  private static String serial(TlsOptions tls) throws Exception {
    try (var in = Files.newInputStream(Path.of(tls.getCertificateFile()))) {
      var certificate =
          (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
      return certificate.getSerialNumber().toString(16);
    }
  }

  @Test
  void controlActionsAndRefusalsAreInTheAuditLog() throws Exception {
    loadBoth();
    McpClient client = client("edge-1", "client");
    failure(() -> await(client.unload("public-echo", "1")));
    await(client("builder", "publisher").unload("secret-echo", "1"));
    await(node.stop());
    List<JsonObject> entries = Files.readAllLines(audit).stream().map(JsonObject::new).toList();
    assertThat(entries)
        .extracting(
            entry ->
                entry.getString("who")
                    + " "
                    + entry.getString("what")
                    + " "
                    + entry.getString("model")
                    + " "
                    + entry.getString("outcome"))
        .containsExactly(
            "builder MODEL_LOAD_REQ public-echo OK",
            "builder MODEL_LOAD_REQ secret-echo OK",
            "edge-1 MODEL_UNLOAD_REQ public-echo PERMISSION_DENIED",
            "builder MODEL_UNLOAD_REQ secret-echo OK");
    assertThat(entries.get(0).getString("sha256")).hasSize(64);
  }

  @Test
  void aGoodTokenComesIn() throws Exception {
    loadBoth();
    String token = token(issuer, claims(), new JWTOptions().setExpiresInSeconds(60));
    McpClient client = connected(withToken(token));
    assertThat(client.identity()).isEqualTo("phone-1");
    await(client.infer("public-echo", INPUT));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"expired", "another issuer's key", "another audience", "none", "hmac", "garbage"})
  void aBadTokenDoesNot(String kind) throws Exception {
    JWTOptions hour = new JWTOptions().setExpiresInSeconds(3600);
    String token =
        switch (kind) {
          case "expired" -> token(issuer, claims().put("exp", 1_000_000_000), new JWTOptions());
          case "another issuer's key" -> token(keyPair(), claims(), hour);
          case "another audience" ->
              token(issuer, claims().put("aud", new JsonArray().add("mail")), hour);
          case "none" -> unsigned("none", "");
          case "hmac" -> hmac();
          default -> "not.a.token";
        };
    McpException refused = failure(() -> connected(withToken(token)));
    assertThat(refused.code()).isEqualTo(ErrorCode.UNAUTHENTICATED);
  }

  private static JsonObject claims() {
    return new JsonObject()
        .put("sub", "phone-1")
        .put("iss", "https://issuer.test")
        .put("aud", new JsonArray().add("mcp"))
        .put("roles", new JsonArray().add("client"));
  }

  private String token(KeyPair pair, JsonObject claims, JWTOptions options) {
    JWTAuthOptions keys =
        new JWTAuthOptions()
            .addPubSecKey(
                new PubSecKeyOptions()
                    .setAlgorithm("ES256")
                    .setBuffer(pem("PRIVATE KEY", pair.getPrivate().getEncoded())));
    return JWTAuth.create(vertx, keys).generateToken(claims, options.setAlgorithm("ES256"));
  }

  private static String unsigned(String algorithm, String signature) {
    String header = "{\"alg\":\"" + algorithm + "\",\"typ\":\"JWT\"}";
    return base64(header.getBytes(StandardCharsets.UTF_8))
        + "."
        + base64(claims().encode().getBytes(StandardCharsets.UTF_8))
        + "."
        + signature;
  }

  /** Signed with the public key as if it were a secret: RFC 8725, 2.1. */
  private String hmac() throws Exception {
    var mac = Mac.getInstance("HmacSHA256");
    String key = pem("PUBLIC KEY", issuer.getPublic().getEncoded());
    mac.init(new SecretKeySpec(key.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
    String signed = unsigned("HS256", "");
    String text = signed.substring(0, signed.length() - 1);
    return text + "." + base64(mac.doFinal(text.getBytes(StandardCharsets.US_ASCII)));
  }

  private static String base64(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private static String pem(String what, byte[] der) {
    String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    return "-----BEGIN " + what + "-----\n" + base64 + "\n-----END " + what + "-----\n";
  }

  private static KeyPair keyPair() throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    return generator.generateKeyPair();
  }

  private McpClientOptions withToken(String token) {
    return new McpClientOptions()
        .setTls(new TlsOptions().setCaFile(certificates.path("ca.pem")))
        .setCredential(Buffer.buffer(token));
  }

  private void loadBoth() throws Exception {
    McpClient publisher = client("builder", "publisher");
    await(publisher.load(ModelUpload.of("public-echo", "1", ECHO)));
    await(publisher.load(ModelUpload.of("secret-echo", "1", ECHO)));
  }

  private McpClient client(String name, String role) throws Exception {
    return connected(
        new McpClientOptions().setTls(certificates.clientOptions(TlsEngine.JDK, name, role)));
  }

  private McpClient connected(McpClientOptions options) throws Exception {
    McpClient client = McpClient.create(vertx, options.setPort(node.port()));
    await(client.connect());
    return client;
  }

  private interface Call {
    void run() throws Exception;
  }

  private static McpException failure(Call call) {
    return catchThrowableOfType(McpException.class, call::run);
  }
}
