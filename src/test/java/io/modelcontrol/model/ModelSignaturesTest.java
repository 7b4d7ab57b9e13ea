package io.modelcontrol.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNoException;

import io.modelcontrol.Digest;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.testing.SignedModels;
import io.modelcontrol.testing.SignedModels.Signer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelSignaturesTest {
  private static final Digest CONTENT = digest(1);
  private static final Digest OTHER = digest(2);
  private static final Duration YEAR = Duration.ofDays(365);

  @TempDir Path root;

  private Instant now = Instant.now();
  private Signer key;
  private SignedModels.Authority authority;

  @BeforeEach
  void makeKeys() throws Exception {
    key = SignedModels.key("secp256r1");
    authority = SignedModels.authority(now.minus(YEAR), now.plus(YEAR));
    Files.writeString(root.resolve("key.pem"), key.publicKeyPem());
    Files.writeString(root.resolve("ca.pem"), authority.certificatePem());
  }

  @ParameterizedTest
  @ValueSource(strings = {"secp256r1", "secp384r1", "secp521r1"})
  void aContentThatATrustedKeyHasSignedPasses(String curve) throws Exception {
    Signer signer = SignedModels.key(curve);
    Files.writeString(root.resolve("key.pem"), key.publicKeyPem() + signer.publicKeyPem());
    signatures().require(CONTENT, signer.sign(CONTENT).encode());
  }

  @Test
  void oneFileOfASignedFolderPasses() throws Exception {
    signatures().require(CONTENT, key.sign(OTHER, CONTENT, digest(3)).encode());
  }

  @Test
  void aContentThatACertifiedKeyHasSignedPasses() throws Exception {
    Signer signer = authority.certify(now.minus(YEAR), now.plus(YEAR), true);
    signatures().require(CONTENT, signer.sign(CONTENT).encode());
  }

  @Test
  void aBundleThatWasGoodIsKeptAndVerifiedAgain() throws Exception {
    signatures().require(CONTENT, key.sign(CONTENT).encode());
    assertThatNoException().isThrownBy(() -> signatures().require(CONTENT, null));
    refuses(OTHER, (String) null, "the model comes without one");
    Files.writeString(root.resolve("key.pem"), SignedModels.key("secp256r1").publicKeyPem());
    refuses(CONTENT, (String) null, "no trusted key");
  }

  @Test
  void refusesAContentThatIsNotAmongTheSignedOrTwice() throws Exception {
    refuses(CONTENT, key.sign(OTHER), "of 1 files that are signed, 0 have the digest");
    refuses(CONTENT, key.sign(CONTENT, CONTENT), "2 have the digest of the content, 1 must");
  }

  @Test
  void refusesASignatureByAnotherKey() throws Exception {
    refuses(CONTENT, SignedModels.key("secp256r1").sign(CONTENT), "no trusted key");
  }

  @Test
  void doesNotTrustAKeyBecauseTheBundleBringsIt() throws Exception {
    Signer stranger = SignedModels.key("secp256r1");
    JsonObject bundle = stranger.sign(CONTENT);
    bundle
        .getJsonObject("verificationMaterial")
        .put("publicKey", new JsonObject().put("rawBytes", stranger.publicKeyPem()));
    refuses(CONTENT, bundle, "no trusted key");
  }

  @Test
  void refusesAPayloadThatWasChangedAfterwards() throws Exception {
    JsonObject bundle = key.sign(OTHER);
    String payload = key.sign(CONTENT).getJsonObject("dsseEnvelope").getString("payload");
    bundle.getJsonObject("dsseEnvelope").put("payload", payload);
    refuses(CONTENT, bundle, "no trusted key");
  }

  @Test
  void refusesACertificateOfAnotherAuthority() throws Exception {
    Signer signer =
        SignedModels.authority(now.minus(YEAR), now.plus(YEAR))
            .certify(now.minus(YEAR), now.plus(YEAR), true);
    refuses(CONTENT, signer.sign(CONTENT), "the certificate is not trusted");
  }

  @Test
  void refusesACertificateThatIsExpiredOrNotYetValid() throws Exception {
    Signer signer = authority.certify(now, now.plus(Duration.ofDays(2)), true);
    now = now.plus(Duration.ofDays(1));
    signatures().require(CONTENT, signer.sign(CONTENT).encode());
    now = now.plus(Duration.ofDays(2));
    refuses(CONTENT, signer.sign(CONTENT), "not valid now");
    now = now.minus(Duration.ofDays(10));
    refuses(CONTENT, signer.sign(CONTENT), "not valid now");
  }

  @Test
  void refusesACertificateThatIsNotForSigning() throws Exception {
    Signer signer = authority.certify(now.minus(YEAR), now.plus(YEAR), false);
    refuses(CONTENT, signer.sign(CONTENT), "the certificate is not for signing");
  }

  @Test
  void refusesACertificateWhereOnlyKeysAreTrusted() throws Exception {
    Signer signer = authority.certify(now.minus(YEAR), now.plus(YEAR), true);
    ModelSignatures keysOnly =
        ModelSignatures.open(root, List.of(file("key.pem")), List.of(), () -> now);
    refuses(keysOnly, CONTENT, signer.sign(CONTENT).encode(), "no authority is trusted here");
  }

  @Test
  void refusesTheKeylessForm() throws Exception {
    JsonObject bundle = key.sign(CONTENT);
    bundle.put("verificationMaterial", new JsonObject().put("certificate", new JsonObject()));
    refuses(CONTENT, bundle, "must have publicKey or x509CertificateChain");
  }

  @Test
  void refusesOtherTypesOfPayloadAndMoreSignatures() throws Exception {
    refusesChanged(b -> b.put("mediaType", "application/json"), "mediaType");
    refusesChanged(b -> envelope(b).put("payloadType", "text/plain"), "payloadType is not");
    refusesChanged(b -> envelope(b).put("signatures", new JsonArray()), "came 0");
    refusesChanged(
        b -> envelope(b).getJsonArray("signatures").add(new JsonObject().put("sig", "")), "came 2");
    refusesChanged(b -> envelope(b).put("payload", "%%%"), "not what it should be");
    refusesChanged(b -> envelope(b).remove("payload"), "payload must be a string");
    refusesChanged(b -> b.remove("verificationMaterial"), "verificationMaterial must be an object");
  }

  @ParameterizedTest
  @CsvSource({
    "_type, https://in-toto.io/Statement/v0.1",
    "predicateType, https://model_signing/Digests/v0.1",
  })
  void refusesAnotherStatement(String name, String value) throws Exception {
    JsonObject statement = SignedModels.statement(CONTENT).put(name, value);
    refuses(CONTENT, key.signStatement(statement.encode()), name + " must be");
  }

  @Test
  void refusesOtherDigestsThanSha256OfWholeFiles() throws Exception {
    for (String[] change : new String[][] {{"method", "shards"}, {"hash_type", "blake3"}}) {
      JsonObject statement = SignedModels.statement(CONTENT);
      statement.getJsonObject("predicate").getJsonObject("serialization").put(change[0], change[1]);
      refuses(CONTENT, key.signStatement(statement.encode()), change[0] + " must be");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{}",
        "null",
        "{\"mediaType\":1}",
        "{\"a\":1,\"a\":2}",
        "{\"a\":{\"b\":1,\"b\":1}}",
        "{\"a\":01}",
        "{\"a\":1} x",
        "{\"a\":\"\n\"}",
        "{\"a\":\"\\x\"}",
        "{\"a\":NaN}",
        "{'a':1}",
        "{\"a\":1,}"
      })
  void refusesWhatIsNoBundle(String text) {
    refuses(CONTENT, text, "not what it should be");
  }

  @Test
  void refusesADeepOrAHugeBundle() {
    refuses(CONTENT, "{\"a\":" + "[".repeat(60_000), "more than 16 levels");
    refuses(CONTENT, " ".repeat(70_000), "more than 65536 bytes");
    refuses(CONTENT, "{\"a\":" + "9".repeat(60_000) + "}", "not what it should be");
  }

  @Test
  void aNodeThatRequiresSignaturesNamesWhomItTrusts() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ModelSignatures.open(root, List.of(), List.of(), () -> now))
        .withMessageContaining("signatureKeyFiles or signatureCaFiles");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> ModelSignatures.open(root, List.of(file("ca.pem")), List.of(), () -> now));
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> ModelSignatures.open(root, List.of(), List.of(file("key.pem")), () -> now));
  }

  /**
   * The reference implementation's vectors, in a folder as its repository has them in {@code
   * scripts/tests}; those of before 0.3 and of unreleased encodings have another form.
   */
  @Test
  void thePublicVectorsVerify() throws Exception {
    String folder = System.getProperty("model.signing.vectors", "");
    Assumptions.assumeFalse(folder.isEmpty());
    Path vectors = Path.of(folder);
    Path keys = vectors.resolve("keys/certificate");
    ModelSignatures signatures =
        ModelSignatures.open(
            root,
            List.of(keys.resolve("signing-key-pub.pem").toString()),
            List.of(keys.resolve("ca-cert.pem").toString()),
            InstantSource.system());
    for (String version : List.of("v1.0.0", "v1.0.1", "v1.1.0")) {
      for (String form : List.of("elliptic-key", "certificate")) {
        Path vector = vectors.resolve(version + "-" + form);
        Digest file = sha256(vector.resolve("signme-1"));
        String bundle = Files.readString(vector.resolve("model.sig"));
        assertThatNoException()
            .as("%s %s", version, form)
            .isThrownBy(() -> signatures.require(file, bundle));
        refuses(signatures, CONTENT, bundle, "have the digest of the content");
        refuses(signatures, file, damaged(bundle), "made the signature");
      }
    }
    String old = Files.readString(vectors.resolve("v0.2.0-certificate/model.sig"));
    refuses(signatures, sha256(vectors.resolve("v0.2.0-certificate/signme-1")), old, "SIGNATURE");
    String keyless = Files.readString(vectors.resolve("v1.1.0-sigstore/model.sig"));
    refuses(signatures, CONTENT, keyless, "must have publicKey or x509CertificateChain");
  }

  private static String damaged(String bundle) {
    JsonObject json = new JsonObject(bundle);
    JsonObject signature = envelope(json).getJsonArray("signatures").getJsonObject(0);
    byte[] sig = Base64.getDecoder().decode(signature.getString("sig"));
    sig[sig.length - 1] ^= 1;
    signature.put("sig", Base64.getEncoder().encodeToString(sig));
    return json.encode();
  }

  private static Digest sha256(Path file) throws IOException {
    return Digest.of(Digest.hash().digest(Files.readAllBytes(file)));
  }

  private void refusesChanged(Consumer<JsonObject> change, String why) throws Exception {
    JsonObject bundle = key.sign(CONTENT);
    change.accept(bundle);
    refuses(CONTENT, bundle, why);
  }

  private static JsonObject envelope(JsonObject bundle) {
    return bundle.getJsonObject("dsseEnvelope");
  }

  private ModelSignatures signatures() {
    return ModelSignatures.open(root, List.of(file("key.pem")), List.of(file("ca.pem")), () -> now);
  }

  private String file(String name) {
    return root.resolve(name).toString();
  }

  private void refuses(Digest digest, JsonObject bundle, String why) {
    refuses(digest, bundle.encode(), why);
  }

  private void refuses(Digest digest, String bundle, String why) {
    refuses(signatures(), digest, bundle, why);
  }

  private static void refuses(
      ModelSignatures signatures, Digest digest, String bundle, String why) {
    assertThatExceptionOfType(McpException.class)
        .isThrownBy(() -> signatures.require(digest, bundle))
        .withMessageContaining("SIGNATURE: ")
        .withMessageContaining(why)
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.MODEL_REJECTED));
  }

  private static Digest digest(int first) {
    byte[] bytes = new byte[Digest.LENGTH];
    bytes[0] = (byte) first;
    return Digest.of(bytes);
  }
}
