package io.modelcontrol.tls;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;

/**
 * What {@link TlsOptions} name, as it stands in the files now. Blocks.
 *
 * @param key of this end; {@code null} for none
 * @param chain from this end's certificate to the one below the CA; empty for none
 * @param authorities accepted of the other end; {@code null} for what the JDK trusts
 */
record KeyMaterial(PrivateKey key, List<X509Certificate> chain, List<X509Certificate> authorities) {

  /** The first bytes of a JKS file; anything else that is no PEM is taken for PKCS#12. */
  private static final int JKS_MAGIC = 0xFEEDFEED;

  /**
   * Reads and checks.
   *
   * @throws McpException INVALID_ARGUMENT if a file cannot be read or used; names the option, not
   *     the path
   */
  static KeyMaterial load(TlsOptions options) {
    PrivateKey key = null;
    List<X509Certificate> chain = List.of();
    if (options.getKeyStoreFile() != null) {
      KeyStore store =
          store("keyStoreFile", options.getKeyStoreFile(), options.getKeyStorePassword());
      String alias = keyAlias(store);
      key = key(store, alias, options.getKeyStorePassword());
      chain = chain(store, alias);
    } else if (options.getCertificateFile() != null || options.getKeyFile() != null) {
      require(options.getCertificateFile() != null, "keyFile is set, but certificateFile is not");
      require(options.getKeyFile() != null, "certificateFile is set, but keyFile is not");
      key = pemKey(options.getKeyFile());
      chain = pemCertificates("certificateFile", options.getCertificateFile());
    }
    KeyMaterial material = new KeyMaterial(key, chain, authorities(options));
    material.check();
    return material;
  }

  /** A key that does not fit, or a certificate that nobody would accept, is better found now. */
  private void check() {
    if (key == null) {
      return;
    }
    require(fits(key, chain.get(0).getPublicKey()), "the key does not belong to the certificate");
    try {
      chain.get(0).checkValidity();
    } catch (GeneralSecurityException e) {
      throw refused(
          "the certificate is valid from "
              + chain.get(0).getNotBefore().toInstant()
              + " to "
              + chain.get(0).getNotAfter().toInstant(),
          e);
    }
  }

  private static boolean fits(PrivateKey key, PublicKey publicKey) {
    byte[] probe = {1, 2, 3, 4};
    String algorithm =
        switch (key.getAlgorithm()) {
          case "EC", "ECDSA" -> "SHA256withECDSA";
          case "RSA" -> "SHA256withRSA";
          default -> key.getAlgorithm();
        };
    try {
      Signature signature = Signature.getInstance(algorithm);
      signature.initSign(key);
      signature.update(probe);
      byte[] signed = signature.sign();
      signature.initVerify(publicKey);
      signature.update(probe);
      return signature.verify(signed);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  private static List<X509Certificate> authorities(TlsOptions options) {
    if (options.getCaFile() != null) {
      return pemCertificates("caFile", options.getCaFile());
    }
    if (options.getTrustStoreFile() == null) {
      return null;
    }
    KeyStore store =
        store("trustStoreFile", options.getTrustStoreFile(), options.getTrustStorePassword());
    List<X509Certificate> found = new ArrayList<>();
    try {
      for (String alias : Collections.list(store.aliases())) {
        if (store.isCertificateEntry(alias)) {
          found.add((X509Certificate) store.getCertificate(alias));
        }
      }
    } catch (GeneralSecurityException e) {
      throw refused("trustStoreFile cannot be used", e);
    }
    require(!found.isEmpty(), "trustStoreFile holds no certificate of an authority");
    return found;
  }

  private static List<X509Certificate> pemCertificates(String option, String file) {
    try (InputStream in = Files.newInputStream(Path.of(file))) {
      List<X509Certificate> found = new ArrayList<>();
      CertificateFactory.getInstance("X.509")
          .generateCertificates(in)
          .forEach(certificate -> found.add((X509Certificate) certificate));
      require(!found.isEmpty(), option + " holds no certificate");
      return List.copyOf(found);
    } catch (IOException e) {
      throw refused(option + " cannot be read", e);
    } catch (GeneralSecurityException e) {
      throw refused(option + " holds no PEM certificates, or broken ones", e);
    }
  }

  private static PrivateKey pemKey(String file) {
    try (Reader reader = Files.newBufferedReader(Path.of(file));
        PEMParser parser = new PEMParser(reader)) {
      for (Object object = parser.readObject(); object != null; object = parser.readObject()) {
        PrivateKeyInfo info = keyInfo(object);
        if (info != null) {
          return new JcaPEMKeyConverter().getPrivateKey(info);
        }
      }
    } catch (IOException e) {
      throw refused("keyFile cannot be read as a PEM key", e);
    }
    throw refused("keyFile holds no private key, or an encrypted one", null);
  }

  private static PrivateKeyInfo keyInfo(Object object) {
    if (object instanceof PEMKeyPair pair) {
      return pair.getPrivateKeyInfo();
    }
    return object instanceof PrivateKeyInfo info ? info : null;
  }

  private static KeyStore store(String option, String file, String password) {
    Path path = Path.of(file);
    try {
      byte[] bytes = Files.readAllBytes(path);
      boolean jks = bytes.length >= Integer.BYTES && ByteBuffer.wrap(bytes).getInt() == JKS_MAGIC;
      KeyStore store = KeyStore.getInstance(jks ? "JKS" : "PKCS12");
      store.load(new ByteArrayInputStream(bytes), chars(password));
      return store;
    } catch (IOException e) {
      throw refused(option + " cannot be read, or its password is another", e);
    } catch (GeneralSecurityException e) {
      throw refused(option + " is no PKCS#12 or JKS file", e);
    }
  }

  private static String keyAlias(KeyStore store) {
    try {
      for (String alias : Collections.list(store.aliases())) {
        if (store.isKeyEntry(alias)) {
          return alias;
        }
      }
    } catch (GeneralSecurityException e) {
      throw refused("keyStoreFile cannot be used", e);
    }
    throw refused("keyStoreFile holds no key", null);
  }

  private static PrivateKey key(KeyStore store, String alias, String password) {
    try {
      return (PrivateKey) store.getKey(alias, chars(password));
    } catch (GeneralSecurityException | ClassCastException e) {
      throw refused("the key in keyStoreFile cannot be read", e);
    }
  }

  private static List<X509Certificate> chain(KeyStore store, String alias) {
    List<X509Certificate> chain = new ArrayList<>();
    try {
      for (var certificate : store.getCertificateChain(alias)) {
        chain.add((X509Certificate) certificate);
      }
    } catch (GeneralSecurityException | ClassCastException e) {
      throw refused("the certificate in keyStoreFile cannot be read", e);
    }
    return List.copyOf(chain);
  }

  private static char[] chars(String passwordOrNull) {
    return passwordOrNull == null ? new char[0] : passwordOrNull.toCharArray();
  }

  private static void require(boolean holds, String text) {
    if (!holds) {
      throw refused(text, null);
    }
  }

  static McpException refused(String text, Throwable causeOrNull) {
    return McpException.streamError(ErrorCode.INVALID_ARGUMENT, "tls: " + text, causeOrNull);
  }
}
