package io.modelcontrol.model;

import io.modelcontrol.McpException;
import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertPath;
import java.security.cert.CertPathValidator;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateParsingException;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Whose signatures the operator trusts: public keys, and authorities whose certificates for signing
 * code or for digital signatures count. The algorithm is that of the trusted key, whatever a bundle
 * says of itself.
 */
final class SignatureTrust {
  /** By the bits of the curve's order: P-256, P-384, P-521. */
  private static final Map<Integer, String> ALGORITHMS =
      Map.of(256, "SHA256withECDSA", 384, "SHA384withECDSA", 521, "SHA512withECDSA");

  private static final String CODE_SIGNING = "1.3.6.1.5.5.7.3.3";

  private final List<PublicKey> keys;
  private final List<X509Certificate> authorities;
  private final InstantSource clock;

  SignatureTrust(List<PublicKey> keys, List<X509Certificate> authorities, InstantSource clock) {
    this.keys = List.copyOf(keys);
    this.authorities = List.copyOf(authorities);
    this.clock = clock;
    keys.forEach(SignatureTrust::algorithm);
  }

  /**
   * Checks a bundle's signature; what it is of is not looked at.
   *
   * @throws McpException MODEL_REJECTED if nobody who is trusted has made it
   */
  void verify(SignatureBundle bundle) {
    List<PublicKey> trusted =
        bundle.certificates().isEmpty() ? keys : List.of(certifiedKey(bundle.certificates()));
    byte[] signed = bundle.signedBytes();
    if (trusted.stream().noneMatch(key -> verifies(key, signed, bundle.signature()))) {
      throw SignatureBundle.rejected(
          bundle.certificates().isEmpty()
              ? "no trusted key has made the signature"
              : "the certificate's key has not made the signature");
    }
  }

  private static boolean verifies(PublicKey key, byte[] signed, byte[] signature) {
    try {
      Signature check = Signature.getInstance(algorithm(key));
      check.initVerify(key);
      check.update(signed);
      return check.verify(signature);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  private static String algorithm(PublicKey key) {
    String algorithm =
        key instanceof ECPublicKey ec
            ? ALGORITHMS.get(ec.getParams().getCurve().getField().getFieldSize())
            : null;
    if (algorithm == null) {
      throw new IllegalArgumentException(
          "keys that sign models must be of the curves P-256, P-384 or P-521");
    }
    return algorithm;
  }

  private PublicKey certifiedKey(List<byte[]> encoded) {
    List<X509Certificate> chain = chain(encoded);
    X509Certificate signer = chain.get(0);
    requireSigning(signer);
    try {
      // The path ends below the authority, whether the bundle has it or not.
      List<X509Certificate> path =
          chain.stream().takeWhile(c -> c.equals(signer) || !authorities.contains(c)).toList();
      CertPath certPath = CertificateFactory.getInstance("X.509").generateCertPath(path);
      CertPathValidator.getInstance("PKIX").validate(certPath, parameters());
      algorithm(signer.getPublicKey());
      return signer.getPublicKey();
    } catch (GeneralSecurityException e) {
      throw SignatureBundle.rejected("the certificate is not trusted, or not valid now");
    } catch (IllegalArgumentException e) {
      throw SignatureBundle.rejected(e.getMessage());
    }
  }

  private PKIXParameters parameters() throws GeneralSecurityException {
    Set<TrustAnchor> anchors =
        authorities.stream().map(ca -> new TrustAnchor(ca, null)).collect(Collectors.toSet());
    if (anchors.isEmpty()) {
      throw SignatureBundle.rejected("no authority is trusted here, only keys are");
    }
    PKIXParameters parameters = new PKIXParameters(anchors);
    parameters.setRevocationEnabled(false);
    parameters.setDate(Date.from(clock.instant()));
    return parameters;
  }

  private static List<X509Certificate> chain(List<byte[]> encoded) {
    List<X509Certificate> chain = new ArrayList<>();
    try {
      CertificateFactory factory = CertificateFactory.getInstance("X.509");
      for (byte[] der : encoded) {
        Certificate certificate = factory.generateCertificate(new ByteArrayInputStream(der));
        chain.add((X509Certificate) certificate);
      }
      return chain;
    } catch (GeneralSecurityException e) {
      throw SignatureBundle.rejected("a certificate cannot be read");
    }
  }

  /** One of the two usages must be there, and neither may say otherwise. */
  private static void requireSigning(X509Certificate signer) {
    boolean[] usage = signer.getKeyUsage();
    List<String> extended;
    try {
      extended = signer.getExtendedKeyUsage();
    } catch (CertificateParsingException e) {
      throw SignatureBundle.rejected("a certificate cannot be read");
    }
    boolean unsaid = usage == null && extended == null;
    boolean forbidden =
        (usage != null && !usage[0]) || (extended != null && !extended.contains(CODE_SIGNING));
    if (unsaid || forbidden) {
      throw SignatureBundle.rejected("the certificate is not for signing");
    }
  }
}
