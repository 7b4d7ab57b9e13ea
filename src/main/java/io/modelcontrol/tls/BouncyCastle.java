package io.modelcontrol.tls;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.security.SecureRandom;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.NoSuchPaddingException;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLEngine;
import org.bouncycastle.jcajce.util.ProviderJcaJceHelper;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.jsse.BCSNIHostName;
import org.bouncycastle.jsse.BCSSLEngine;
import org.bouncycastle.jsse.BCSSLParameters;
import org.bouncycastle.jsse.provider.BouncyCastleJsseProvider;
import org.bouncycastle.tls.crypto.impl.jcajce.JcaTlsCrypto;
import org.bouncycastle.tls.crypto.impl.jcajce.JcaTlsCryptoProvider;

/**
 * Bouncy Castle as an engine of TLS, without a global provider. Key exchange, signatures and
 * everything post-quantum are its own; records and hashes are the JDK's, whose AES-GCM and SHA-2
 * are compiled to the processor's instructions and several times as fast.
 */
final class BouncyCastle {
  /** Held, as a level is forgotten with its logger. */
  private static final Logger CHATTER = Logger.getLogger("org.bouncycastle.jsse.provider");

  static {
    // It tells of every handshake at INFO; whoever wants that has set a level.
    if (CHATTER.getLevel() == null) {
      CHATTER.setLevel(Level.SEVERE);
    }
  }

  private static final Provider CRYPTO = new BouncyCastleProvider();
  private static final Provider JSSE = new BouncyCastleJsseProvider(false, new MixedProvider());

  private BouncyCastle() {}

  static Provider jsse() {
    return JSSE;
  }

  /** Cryptography of certificates and keys. */
  static Provider crypto() {
    return CRYPTO;
  }

  /**
   * Sets what the JDK's parameters of an engine cannot say, and what Netty's wrapper would hide.
   */
  static void configure(SSLEngine engine, TlsOptions options, String serverNameOrNull) {
    BCSSLEngine bouncy = (BCSSLEngine) engine;
    BCSSLParameters parameters = bouncy.getParameters();
    parameters.setApplicationProtocols(new String[] {TlsOptions.ALPN});
    parameters.setNamedGroups(options.getGroups().toArray(String[]::new));
    if (serverNameOrNull != null) {
      parameters.setServerNames(
          List.of(new BCSNIHostName(new SNIHostName(serverNameOrNull).getAsciiName())));
    }
    bouncy.setParameters(parameters);
  }

  private static final class MixedProvider extends JcaTlsCryptoProvider {
    private final Mixed helper = new Mixed();

    MixedProvider() {
      setProvider(CRYPTO);
    }

    @Override
    public JcaTlsCrypto create(SecureRandom keys, SecureRandom nonces) {
      return new MixedCrypto(helper, keys, nonces);
    }
  }

  private static final class MixedCrypto extends JcaTlsCrypto {
    MixedCrypto(Mixed helper, SecureRandom keys, SecureRandom nonces) {
      super(helper, keys, nonces);
    }
  }

  private static final class Mixed extends ProviderJcaJceHelper {
    Mixed() {
      super(CRYPTO);
    }

    @Override
    public Cipher createCipher(String algorithm)
        throws NoSuchAlgorithmException, NoSuchPaddingException {
      return algorithm.startsWith("AES/GCM")
          ? Cipher.getInstance(algorithm)
          : super.createCipher(algorithm);
    }

    @Override
    public Mac createMac(String algorithm) throws NoSuchAlgorithmException {
      return algorithm.startsWith("HmacSHA") || algorithm.startsWith("HMACSHA")
          ? Mac.getInstance(algorithm)
          : super.createMac(algorithm);
    }

    @Override
    public MessageDigest createMessageDigest(String algorithm) throws NoSuchAlgorithmException {
      return algorithm.startsWith("SHA-")
          ? MessageDigest.getInstance(algorithm)
          : super.createMessageDigest(algorithm);
    }

    @Override
    @SuppressWarnings("deprecation")
    public MessageDigest createDigest(String algorithm) throws NoSuchAlgorithmException {
      return createMessageDigest(algorithm);
    }
  }
}
