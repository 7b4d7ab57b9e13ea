package io.modelcontrol.testing;

import io.modelcontrol.Digest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Map;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Bundles in the form of OpenSSF Model Signing 1.0, of keys that are made here. */
public final class SignedModels {
  private static final String TYPE = "application/vnd.in-toto+json";
  private static final Map<Integer, String> ALGORITHMS =
      Map.of(256, "SHA256withECDSA", 384, "SHA384withECDSA", 521, "SHA512withECDSA");

  private SignedModels() {}

  /** Who signs: a key alone, or with a certificate and that of its authority. */
  public record Signer(KeyPair keys, List<X509Certificate> chain) {
    /** The public key, as an operator has it. */
    public String publicKeyPem() {
      return pem("PUBLIC KEY", keys.getPublic().getEncoded());
    }

    /** A bundle that signs files with these digests. */
    public JsonObject sign(Digest... files) throws Exception {
      return signStatement(statement(files).encode());
    }

    /** A bundle that signs this text. */
    public JsonObject signStatement(String statement) throws Exception {
      byte[] payload = statement.getBytes(StandardCharsets.UTF_8);
      ByteArrayOutputStream signed = new ByteArrayOutputStream();
      signed.writeBytes(
          ("DSSEv1 28 " + TYPE + " " + payload.length + " ").getBytes(StandardCharsets.UTF_8));
      signed.writeBytes(payload);
      Signature signature = Signature.getInstance(algorithm(keys));
      signature.initSign(keys.getPrivate());
      signature.update(signed.toByteArray());
      return new JsonObject()
          .put("mediaType", "application/vnd.dev.sigstore.bundle.v0.3+json")
          .put("verificationMaterial", material().put("tlogEntries", new JsonArray()))
          .put(
              "dsseEnvelope",
              new JsonObject()
                  .put("payload", base64(payload))
                  .put("payloadType", TYPE)
                  .put(
                      "signatures",
                      new JsonArray()
                          .add(
                              new JsonObject()
                                  .put("sig", base64(signature.sign()))
                                  .put("keyid", ""))));
    }

    private JsonObject material() throws Exception {
      if (chain.isEmpty()) {
        return new JsonObject().put("publicKey", new JsonObject().put("hint", "a key"));
      }
      JsonArray certificates = new JsonArray();
      for (X509Certificate certificate : chain) {
        certificates.add(new JsonObject().put("rawBytes", base64(certificate.getEncoded())));
      }
      return new JsonObject()
          .put("x509CertificateChain", new JsonObject().put("certificates", certificates));
    }
  }

  /** Who certifies signers. */
  public record Authority(KeyPair keys, X509Certificate certificate) {
    public String certificatePem() throws Exception {
      return pem("CERTIFICATE", certificate.getEncoded());
    }

    /**
     * A signer with a certificate.
     *
     * @param signs whether the certificate is for signing code, or else for servers
     */
    public Signer certify(Instant from, Instant until, boolean signs) throws Exception {
      Signer signer = key("secp256r1");
      JcaX509v3CertificateBuilder builder =
          builder("CN=signer", signer.keys(), "CN=authority", from, until);
      builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
      builder.addExtension(
          Extension.extendedKeyUsage,
          false,
          new ExtendedKeyUsage(
              signs ? KeyPurposeId.id_kp_codeSigning : KeyPurposeId.id_kp_serverAuth));
      return new Signer(signer.keys(), List.of(signed(builder, keys), certificate));
    }
  }

  /** A new key of this curve. */
  public static Signer key(String curve) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec(curve));
    return new Signer(generator.generateKeyPair(), List.of());
  }

  /** A new authority. */
  public static Authority authority(Instant from, Instant until) throws Exception {
    KeyPair keys = key("secp384r1").keys();
    JcaX509v3CertificateBuilder builder =
        builder("CN=authority", keys, "CN=authority", from, until);
    builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
    return new Authority(keys, signed(builder, keys));
  }

  private static JcaX509v3CertificateBuilder builder(
      String subject, KeyPair keys, String issuer, Instant from, Instant until) {
    return new JcaX509v3CertificateBuilder(
        new X500Principal(issuer),
        BigInteger.valueOf(from.toEpochMilli()),
        Date.from(from),
        Date.from(until),
        new X500Principal(subject),
        keys.getPublic());
  }

  private static X509Certificate signed(JcaX509v3CertificateBuilder builder, KeyPair issuer)
      throws Exception {
    return new JcaX509CertificateConverter()
        .getCertificate(
            builder.build(
                new JcaContentSignerBuilder(algorithm(issuer)).build(issuer.getPrivate())));
  }

  private static String algorithm(KeyPair keys) {
    ECPublicKey key = (ECPublicKey) keys.getPublic();
    return ALGORITHMS.get(key.getParams().getCurve().getField().getFieldSize());
  }

  /** A statement on files with these digests. */
  public static JsonObject statement(Digest... files) {
    JsonArray resources = new JsonArray();
    for (int i = 0; i < files.length; i++) {
      resources.add(
          new JsonObject()
              .put("name", "file-" + i)
              .put("digest", files[i].hex())
              .put("algorithm", "sha256"));
    }
    return new JsonObject()
        .put("_type", "https://in-toto.io/Statement/v1")
        .put(
            "subject",
            new JsonArray()
                .add(
                    new JsonObject()
                        .put("name", "model")
                        .put("digest", new JsonObject().put("sha256", files[0].hex()))))
        .put("predicateType", "https://model_signing/signature/v1.0")
        .put(
            "predicate",
            new JsonObject()
                .put("resources", resources)
                .put(
                    "serialization",
                    new JsonObject()
                        .put("method", "files")
                        .put("hash_type", "sha256")
                        .put("allow_symlinks", false)));
  }

  private static String pem(String type, byte[] encoded) {
    String body = Base64.getMimeEncoder().encodeToString(encoded);
    return "-----BEGIN " + type + "-----\n" + body + "\n-----END " + type + "-----\n";
  }

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }
}
