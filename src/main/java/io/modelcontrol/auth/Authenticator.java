package io.modelcontrol.auth;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import java.util.List;

/** Decides who a client is, from what it presents in AUTH_REQ. Contract 3, fields 0x09 and 0x0A. */
@FunctionalInterface
public interface Authenticator {
  /** The method by which nobody is asked for anything; only for a loopback address. */
  String NONE = "none";

  /**
   * Identifies a client.
   *
   * @param method as on the wire
   * @param credential what the method asks for; {@code null} where nothing came
   * @throws McpException UNAUTHENTICATED if the method or the credential is not accepted
   */
  Identity authenticate(String method, byte[] credential);

  /** Accepts whoever asks for the method {@link #NONE}, as "anonymous". */
  static Authenticator anonymous() {
    Identity anonymous = new Identity("anonymous", List.of("anonymous"));
    return (method, credential) -> {
      if (!NONE.equals(method)) {
        throw McpException.sessionError(
            ErrorCode.UNAUTHENTICATED, "this server accepts the authentication method 'none' only");
      }
      return anonymous;
    };
  }
}
