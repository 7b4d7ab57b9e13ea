package io.modelcontrol.auth;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import java.util.List;

/** Decides who a client is, from what it presents in AUTH_REQ. Contract 3, fields 0x09 and 0x0A. */
@FunctionalInterface
public interface Authenticator {
  /** The method by which nobody is asked for anything; only for a loopback address. */
  String NONE = "none";

  /** The method by which the client's certificate of TLS says who it is. */
  String MTLS = "mtls";

  /** The method by which the credential is a JSON Web Token (RFC 7519). */
  String TOKEN = "token";

  /**
   * Identifies a client. Does not block.
   *
   * @throws McpException UNAUTHENTICATED if the method or the credential is not accepted
   */
  Identity authenticate(Presented presented);

  /** Accepts whoever asks for the method {@link #NONE}, as "anonymous". */
  static Authenticator anonymous() {
    Identity anonymous = new Identity("anonymous", List.of("anonymous"));
    return presented -> {
      if (!NONE.equals(presented.method())) {
        throw McpException.sessionError(
            ErrorCode.UNAUTHENTICATED, "this server accepts the authentication method 'none' only");
      }
      return anonymous;
    };
  }
}
