package io.modelcontrol.cli;

import io.modelcontrol.ErrorCode;
import java.util.Set;

/** Exit codes of modelctl, as its help tells them. */
final class Exit {
  static final int OK = 0;
  static final int FAILED = 1;
  static final int USAGE = 2;
  static final int NOT_CONNECTED = 3;
  static final int REFUSED = 4;
  static final int TIMEOUT = 5;

  private static final Set<ErrorCode> TIMEOUTS =
      Set.of(ErrorCode.DEADLINE_EXCEEDED, ErrorCode.NETWORK_TIMEOUT, ErrorCode.IDLE_TIMEOUT);

  private Exit() {}

  /** The exit code of an error from the client or the server. */
  static int of(ErrorCode code) {
    if (TIMEOUTS.contains(code)) {
      return TIMEOUT;
    }
    boolean network = code.name().startsWith("NETWORK_") || code == ErrorCode.NEGOTIATION_TIMEOUT;
    return network ? NOT_CONNECTED : REFUSED;
  }
}
