package io.modelcontrol.auth;

import java.security.cert.X509Certificate;
import java.util.List;

/**
 * What a client presents when it authenticates.
 *
 * @param method of its AUTH_REQ, as on the wire
 * @param credential what the method asks for; {@code null} where nothing came
 * @param certificates its own first, verified by TLS; empty where it has shown none
 */
@SuppressWarnings("ArrayRecordComponent") // the bytes of the message, which nobody changes
public record Presented(String method, byte[] credential, List<X509Certificate> certificates) {
  public Presented {
    certificates = List.copyOf(certificates);
  }
}
