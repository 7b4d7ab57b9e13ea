package io.modelcontrol.model;

import io.modelcontrol.Digest;
import io.modelcontrol.McpException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.X509EncodedKeySpec;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Lets only contents pass that somebody has signed whom the operator trusts, by OpenSSF Model
 * Signing 1.0. A bundle that was good is kept beside the content, in {@code signatures/}, so that
 * the content can be loaded again, by digest or when the node starts, and is verified again each
 * time. All methods block: worker threads only.
 */
public final class ModelSignatures {
  private static final Pattern PUBLIC_KEY =
      Pattern.compile("-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/=\\s]+)-----END PUBLIC KEY-----");

  private final Path directory;
  private final StoreFiles files = new StoreFiles();
  private final SignatureTrust trust;

  private ModelSignatures(Path directory, SignatureTrust trust) {
    this.directory = directory;
    this.trust = trust;
  }

  /**
   * Opens the folder of bundles in that of the {@link ModelStore}.
   *
   * @param keyFiles PEM files of public keys
   * @param authorityFiles PEM files of certificates
   * @throws IllegalArgumentException if a file holds nothing of that kind, or all are missing
   */
  public static ModelSignatures open(
      Path root, List<String> keyFiles, List<String> authorityFiles, InstantSource clock) {
    if (keyFiles.isEmpty() && authorityFiles.isEmpty()) {
      throw new IllegalArgumentException(
          "signatures are required: name signatureKeyFiles or signatureCaFiles");
    }
    List<PublicKey> keys = new ArrayList<>();
    keyFiles.forEach(file -> keys.addAll(keys(file)));
    List<X509Certificate> authorities = new ArrayList<>();
    authorityFiles.forEach(file -> authorities.addAll(authorities(file)));
    Path directory = root.resolve("signatures");
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw StoreFiles.failure("the folder of signatures cannot be made", e);
    }
    return new ModelSignatures(directory, new SignatureTrust(keys, authorities, clock));
  }

  /**
   * Checks that a content is signed.
   *
   * @param bundleOrNull the bundle that came with the request; {@code null} for the one that is
   *     kept
   * @throws McpException MODEL_REJECTED, its text begins with SIGNATURE, if it is not, or not by
   *     somebody who is trusted; RESOURCE_EXHAUSTED or RUNTIME_FAILURE if the disk refuses
   */
  public void require(Digest digest, String bundleOrNull) {
    Path kept = directory.resolve(digest.hex() + ".json");
    try {
      String bundle = bundleOrNull == null ? read(kept) : bundleOrNull;
      if (bundle == null) {
        throw SignatureBundle.rejected("the model comes without one");
      }
      SignatureBundle parsed = SignatureBundle.parse(bundle);
      trust.verify(parsed);
      SignedStatement.requireContent(parsed.payload(), digest);
      if (bundleOrNull != null) {
        files.replace(kept, bundle.getBytes(StandardCharsets.UTF_8));
      }
    } catch (IOException e) {
      throw StoreFiles.failure("the signature of a model cannot be kept or read", e);
    }
  }

  private static String read(Path kept) throws IOException {
    return Files.exists(kept) && Files.size(kept) <= SignatureBundle.MAX_BYTES
        ? Files.readString(kept)
        : null;
  }

  private static List<PublicKey> keys(String file) {
    List<PublicKey> keys = new ArrayList<>();
    try {
      Matcher found = PUBLIC_KEY.matcher(Files.readString(Path.of(file)));
      while (found.find()) {
        byte[] encoded = Base64.getMimeDecoder().decode(found.group(1));
        keys.add(KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(encoded)));
      }
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalArgumentException("signatureKeyFiles: a file holds no key of a curve", e);
    }
    if (keys.isEmpty()) {
      throw new IllegalArgumentException("signatureKeyFiles: a file holds no PUBLIC KEY");
    }
    return keys;
  }

  private static List<X509Certificate> authorities(String file) {
    List<X509Certificate> authorities = new ArrayList<>();
    try {
      CertificateFactory factory = CertificateFactory.getInstance("X.509");
      byte[] pem = Files.readAllBytes(Path.of(file));
      for (Certificate ca : factory.generateCertificates(new ByteArrayInputStream(pem))) {
        authorities.add((X509Certificate) ca);
      }
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalArgumentException("signatureCaFiles: a file holds no certificates", e);
    }
    if (authorities.isEmpty()) {
      throw new IllegalArgumentException("signatureCaFiles: a file holds no certificates");
    }
    return authorities;
  }
}
