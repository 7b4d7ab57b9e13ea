package io.modelcontrol.tls;

import io.netty.handler.ssl.OpenSslCertificateException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Checks the other end's certificate by the engine's own rules, and tells what is wrong with it in
 * the same words for each engine.
 */
final class PeerTrust extends X509ExtendedTrustManager {
  private interface Check {
    void run() throws CertificateException;
  }

  /** In OpenSSL's x509_vfy.h: which alert is sent depends on it. */
  private static final int HAS_EXPIRED = 10;

  private static final int NO_ISSUER = 20;

  private final X509ExtendedTrustManager rules;
  private final boolean openSsl;

  PeerTrust(X509ExtendedTrustManager rules, TlsEngine engine) {
    this.rules = rules;
    this.openSsl = engine == TlsEngine.OPENSSL;
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    check(chain, () -> rules.checkClientTrusted(chain, type, engine));
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    check(chain, () -> rules.checkServerTrusted(chain, type, engine));
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    check(chain, () -> rules.checkClientTrusted(chain, type, socket));
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    check(chain, () -> rules.checkServerTrusted(chain, type, socket));
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
    check(chain, () -> rules.checkClientTrusted(chain, type));
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
    check(chain, () -> rules.checkServerTrusted(chain, type));
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return rules.getAcceptedIssuers();
  }

  private void check(X509Certificate[] chain, Check check) throws CertificateException {
    if (chain == null || chain.length == 0) {
      throw refusal(TlsFailure.NO_CERTIFICATE, null);
    }
    for (X509Certificate certificate : chain) {
      try {
        certificate.checkValidity();
      } catch (CertificateException e) {
        throw told(TlsFailure.Refusal.expired(certificate, e), HAS_EXPIRED);
      }
    }
    try {
      check.run();
    } catch (CertificateException e) {
      throw told(explained(chain, e), NO_ISSUER);
    }
  }

  private CertificateException told(TlsFailure.Refusal refusal, int openSslCode) {
    return openSsl
        ? new OpenSslCertificateException(refusal.getMessage(), refusal, openSslCode)
        : refusal;
  }

  private TlsFailure.Refusal explained(X509Certificate[] chain, CertificateException failure) {
    if (TlsFailure.of(failure) == TlsFailure.HOSTNAME_MISMATCH) {
      return refusal(TlsFailure.HOSTNAME_MISMATCH, failure);
    }
    if (chain.length == 1 && hasSignedItself(chain[0]) && !isTrusted(chain[0])) {
      return refusal(TlsFailure.SELF_SIGNED, failure);
    }
    boolean leads = Arrays.stream(rules.getAcceptedIssuers()).anyMatch(ca -> signed(ca, chain));
    return refusal(leads ? TlsFailure.BAD_CERTIFICATE : TlsFailure.UNKNOWN_CA, failure);
  }

  private boolean isTrusted(X509Certificate certificate) {
    return Arrays.asList(rules.getAcceptedIssuers()).contains(certificate);
  }

  private static boolean signed(X509Certificate authority, X509Certificate[] chain) {
    X509Certificate last = chain[chain.length - 1];
    return last.equals(authority) || isSignedBy(last, authority);
  }

  private static boolean hasSignedItself(X509Certificate certificate) {
    return isSignedBy(certificate, certificate);
  }

  private static boolean isSignedBy(X509Certificate certificate, X509Certificate authority) {
    if (!certificate.getIssuerX500Principal().equals(authority.getSubjectX500Principal())) {
      return false;
    }
    try {
      certificate.verify(authority.getPublicKey());
      return true;
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  private static TlsFailure.Refusal refusal(TlsFailure reason, Throwable causeOrNull) {
    return new TlsFailure.Refusal(reason, reason.text(), causeOrNull);
  }
}
