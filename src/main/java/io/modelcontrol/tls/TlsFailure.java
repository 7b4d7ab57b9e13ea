package io.modelcontrol.tls;

import java.nio.channels.ClosedChannelException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Locale;
import javax.net.ssl.SSLException;

/**
 * Why a TLS handshake failed. One that this end refuses is known exactly; what the other end
 * refused is known by its alert (RFC 8446, 6.2).
 */
public enum TlsFailure {
  /** A certificate is not valid any more, or not yet. */
  CERTIFICATE_EXPIRED("the certificate has expired; renew it", "certificate_expired"),
  /** Nobody who is trusted has signed the certificate. */
  UNKNOWN_CA("the certificate is signed by nobody who is trusted; set the CA", "unknown_ca"),
  /** The certificate has signed itself, and is not trusted as such. */
  SELF_SIGNED("the certificate has signed itself; use one that a trusted CA has signed"),
  /** A certificate is asked for, and none came. */
  NO_CERTIFICATE(
      "a client certificate is required; set one",
      "certificate_required",
      "peer_did_not_return_a_certificate",
      "null_cert_chain",
      "empty_client_certificate_chain",
      "empty_certificate_list"),
  /** The certificate is on the deny list. */
  REVOKED("the certificate was revoked", "certificate_revoked"),
  /** The certificate is for another name. */
  HOSTNAME_MISMATCH(
      "the server's certificate is for another name; connect to a name that it holds",
      "no_subject_alternative",
      "no_name_matching",
      "no_subjectaltname",
      "no_name_found",
      "hostname"),
  /** No version of TLS that both ends allow. */
  PROTOCOL_VERSION(
      "the other end speaks no allowed version of TLS; use TLS 1.3",
      "protocol_version",
      "unsupported_protocol",
      "no_appropriate_protocol",
      "client_requested_protocol"),
  /** The other end does not name this protocol. */
  ALPN_MISMATCH(
      "the other end does not speak " + TlsOptions.ALPN + " (ALPN)",
      "no_application_protocol",
      "alpn"),
  /** What arrived is not TLS. */
  NOT_TLS(
      "the other end does not speak TLS",
      "not_an_ssl/tls_record",
      "notsslrecord",
      "unsupported_or_unrecognized_ssl_message",
      "wrong_version_number"),
  /** The handshake took too long. */
  HANDSHAKE_TIMEOUT("the TLS handshake took too long", "handshake_timed_out"),
  /** The certificate cannot be used for another reason. */
  BAD_CERTIFICATE(
      "the other end refuses the certificate, or asks for one and got none",
      "bad_certificate",
      "certificate_unknown",
      "unsupported_certificate"),
  /** The other end went away in the middle. */
  PEER_CLOSED(
      "the other end closed the connection in the TLS handshake",
      "closed_before_handshake",
      "connection_reset",
      "broken_pipe",
      "closed_channel",
      "closed_while_ssl"),
  /** Anything else. */
  OTHER("the TLS handshake failed");

  private static final int MAX_CAUSES = 16;

  private final String text;

  @SuppressWarnings("ImmutableEnumChecker") // a copy that nobody can change
  private final List<String> marks;

  TlsFailure(String text, String... marks) {
    this.text = text;
    this.marks = List.of(marks);
  }

  /** What is wrong and what to do, for the user. */
  public String text() {
    return text;
  }

  /** The word in metrics, logs and traces. */
  public String reason() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Classifies what a socket or an engine has thrown. */
  public static TlsFailure of(Throwable failure) {
    TlsFailure byText = OTHER;
    int causes = 0;
    for (Throwable cause = failure; cause != null && causes < MAX_CAUSES; causes++) {
      if (cause instanceof Refusal refusal) {
        return refusal.reason;
      }
      TlsFailure marked = cause instanceof ClosedChannelException ? PEER_CLOSED : marked(cause);
      if (byText == OTHER || byText == BAD_CERTIFICATE || byText == PEER_CLOSED) {
        byText = marked == OTHER ? byText : marked;
      }
      cause = cause.getCause();
    }
    return byText;
  }

  /** The text for the user, with the dates of a certificate that was refused here. */
  public static String describe(Throwable failure) {
    int causes = 0;
    for (Throwable cause = failure; cause != null && causes < MAX_CAUSES; causes++) {
      if (cause instanceof Refusal refusal) {
        return refusal.getMessage();
      }
      cause = cause.getCause();
    }
    return of(failure).text;
  }

  /** Whether a failure is one of TLS at all. */
  public static boolean isTls(Throwable failure) {
    int causes = 0;
    for (Throwable cause = failure; cause != null && causes < MAX_CAUSES; causes++) {
      if (cause instanceof SSLException || cause instanceof Refusal) {
        return true;
      }
      cause = cause.getCause();
    }
    return false;
  }

  private static TlsFailure marked(Throwable cause) {
    String said =
        (cause.getClass().getSimpleName() + " " + cause.getMessage())
            .toLowerCase(Locale.ROOT)
            .replace(' ', '_');
    for (TlsFailure failure : values()) {
      for (String mark : failure.marks) {
        if (said.contains(mark)) {
          return failure;
        }
      }
    }
    return OTHER;
  }

  /** A certificate that this end does not accept. */
  static final class Refusal extends CertificateException {
    private static final long serialVersionUID = 1L;

    private final TlsFailure reason;

    Refusal(TlsFailure reason, String message, Throwable causeOrNull) {
      super(message, causeOrNull);
      this.reason = reason;
    }

    static Refusal expired(X509Certificate certificate, Throwable cause) {
      return new Refusal(
          CERTIFICATE_EXPIRED,
          "the certificate of "
              + certificate.getSubjectX500Principal().getName()
              + " is valid from "
              + certificate.getNotBefore().toInstant()
              + " to "
              + certificate.getNotAfter().toInstant(),
          cause);
    }
  }
}
