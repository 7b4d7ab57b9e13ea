package io.modelcontrol.auth;

import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Set;

/**
 * For the method {@code mtls}: TLS has verified a certificate of the client against the CA, and it
 * is valid at this moment, also where a session is resumed long after its first handshake.
 */
public final class TlsVerify implements AuthInterceptor {
  @Override
  public Set<Fact> gives() {
    return Set.of(Fact.VERIFIED);
  }

  @Override
  public void authenticate(Login login) {
    if (!Authenticator.MTLS.equals(login.presented().method())) {
      return;
    }
    if (login.presented().certificates().isEmpty()) {
      throw AuthChain.refused("the method 'mtls' needs a client certificate, and none was shown");
    }
    for (X509Certificate certificate : login.presented().certificates()) {
      try {
        certificate.checkValidity();
      } catch (CertificateException e) {
        throw AuthChain.refused("the client's certificate is not valid at this time");
      }
    }
  }
}
