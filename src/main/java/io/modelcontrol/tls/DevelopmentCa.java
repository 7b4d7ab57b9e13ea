package io.modelcontrol.tls;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * A certificate authority for development and tests: keys on P-256, certificates with what this
 * protocol reads from them. Its key is kept in a file, so it is not for production.
 */
public final class DevelopmentCa {
  private static final int SERIAL_BITS = 120;

  private final PrivateKey key;
  private final X509Certificate certificate;

  private DevelopmentCa(PrivateKey key, X509Certificate certificate) {
    this.key = key;
    this.certificate = certificate;
  }

  /**
   * What a certificate shall say.
   *
   * @param commonName of the subject, an identity
   * @param roleOrNull the subject's organizational unit, from which roles are taken
   * @param dnsNames a server's names; numeric addresses among them
   * @param uris further names, such as SPIFFE ids
   * @param server whether it is for a server, otherwise for a client
   */
  public record Subject(
      String commonName,
      String roleOrNull,
      List<String> dnsNames,
      List<String> uris,
      boolean server) {}

  /**
   * A key and its certificate.
   *
   * @param key in PKCS#8
   * @param certificate of the key
   */
  public record Issued(PrivateKey key, X509Certificate certificate) {
    /** The key as PEM. */
    public String keyPem() {
      return pem(key);
    }

    /** The certificate as PEM. */
    public String certificatePem() {
      return pem(certificate);
    }
  }

  /** A new authority. */
  public static DevelopmentCa create(String commonName, Instant from, Instant to) {
    KeyPair pair = keyPair();
    X500Name name = new X500NameBuilder().addRDN(BCStyle.CN, commonName).build();
    JcaX509v3CertificateBuilder builder = builder(name, name, pair, from, to);
    try {
      builder
          .addExtension(Extension.basicConstraints, true, new BasicConstraints(0))
          .addExtension(
              Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign))
          .addExtension(
              Extension.subjectKeyIdentifier,
              false,
              new JcaX509ExtensionUtils().createSubjectKeyIdentifier(pair.getPublic()));
    } catch (CertIOException | GeneralSecurityException e) {
      throw new IllegalStateException("a certificate cannot be made", e);
    }
    return new DevelopmentCa(pair.getPrivate(), signed(builder, pair.getPrivate()));
  }

  /**
   * An authority that was written as PEM before.
   *
   * @throws io.modelcontrol.McpException INVALID_ARGUMENT if the files are not there or broken
   */
  public static DevelopmentCa load(String certificateFile, String keyFile) {
    KeyMaterial material =
        KeyMaterial.load(new TlsOptions().setCertificateFile(certificateFile).setKeyFile(keyFile));
    return new DevelopmentCa(material.key(), material.chain().get(0));
  }

  /** The authority's own key and certificate. */
  public Issued self() {
    return new Issued(key, certificate);
  }

  /** A certificate by this authority. */
  public Issued issue(Subject subject, Instant from, Instant to) {
    KeyPair pair = keyPair();
    X500Name issuer = X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded());
    return new Issued(pair.getPrivate(), signed(leaf(subject, issuer, pair, from, to), key));
  }

  /** A certificate that nobody has signed but its own key. */
  public static Issued selfSigned(Subject subject, Instant from, Instant to) {
    KeyPair pair = keyPair();
    JcaX509v3CertificateBuilder builder = leaf(subject, name(subject), pair, from, to);
    return new Issued(pair.getPrivate(), signed(builder, pair.getPrivate()));
  }

  private static JcaX509v3CertificateBuilder leaf(
      Subject subject, X500Name issuer, KeyPair pair, Instant from, Instant to) {
    JcaX509v3CertificateBuilder builder = builder(issuer, name(subject), pair, from, to);
    try {
      builder
          .addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
          .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature))
          .addExtension(
              Extension.extendedKeyUsage,
              false,
              new ExtendedKeyUsage(
                  subject.server()
                      ? KeyPurposeId.id_kp_serverAuth
                      : KeyPurposeId.id_kp_clientAuth));
      GeneralNames names = alternativeNames(subject);
      if (names != null) {
        builder.addExtension(Extension.subjectAlternativeName, false, names);
      }
      return builder;
    } catch (CertIOException e) {
      throw new IllegalStateException("a certificate cannot be made", e);
    }
  }

  private static X500Name name(Subject subject) {
    X500NameBuilder name = new X500NameBuilder();
    if (subject.roleOrNull() != null) {
      name.addRDN(BCStyle.OU, subject.roleOrNull());
    }
    return name.addRDN(BCStyle.CN, subject.commonName()).build();
  }

  private static GeneralNames alternativeNames(Subject subject) {
    List<GeneralName> names = new ArrayList<>();
    for (String name : subject.dnsNames()) {
      boolean number = name.matches("[0-9.]+|.*:.*");
      names.add(new GeneralName(number ? GeneralName.iPAddress : GeneralName.dNSName, name));
    }
    for (String uri : subject.uris()) {
      names.add(new GeneralName(GeneralName.uniformResourceIdentifier, uri));
    }
    return names.isEmpty() ? null : new GeneralNames(names.toArray(GeneralName[]::new));
  }

  private static JcaX509v3CertificateBuilder builder(
      X500Name issuer, X500Name subject, KeyPair pair, Instant from, Instant to) {
    return new JcaX509v3CertificateBuilder(
        issuer,
        new BigInteger(SERIAL_BITS, new SecureRandom()).setBit(SERIAL_BITS),
        Date.from(from),
        Date.from(to),
        subject,
        pair.getPublic());
  }

  private static X509Certificate signed(JcaX509v3CertificateBuilder builder, PrivateKey key) {
    try {
      return new JcaX509CertificateConverter()
          .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(key)));
    } catch (OperatorCreationException | GeneralSecurityException e) {
      throw new IllegalStateException("a certificate cannot be signed", e);
    }
  }

  private static KeyPair keyPair() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has P-256", e);
    }
  }

  private static String pem(Object object) {
    StringWriter text = new StringWriter();
    try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
      writer.writeObject(
          object instanceof PrivateKey key ? new JcaPKCS8Generator(key, null) : object);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }
}
