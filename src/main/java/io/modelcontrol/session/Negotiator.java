package io.modelcontrol.session;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.wire.Limits;
import io.modelcontrol.wire.Negotiation;
import java.util.Map;
import java.util.TreeMap;

/** The rules of the opening: what is offered, what is selected. Contract 4. */
final class Negotiator {
  private final SessionConfig config;

  Negotiator(SessionConfig config) {
    this.config = config;
  }

  Negotiation offer() {
    return new Negotiation(
        SessionConfig.VERSION,
        SessionConfig.VERSION,
        config.capabilities(),
        config.extensions(),
        config.limits(),
        config.agent());
  }

  /**
   * The server's choice: the highest version that both speak, and the capabilities that both have.
   *
   * @throws McpException VERSION_MISMATCH, for the session, without a common version
   */
  Negotiation select(Negotiation offered) {
    int lowest = offered.minVersion() == 0 ? offered.version() : offered.minVersion();
    if (lowest > SessionConfig.VERSION || offered.version() < SessionConfig.VERSION) {
      throw McpException.sessionError(
          ErrorCode.VERSION_MISMATCH,
          "no common version: offered "
              + lowest
              + " to "
              + offered.version()
              + ", supported "
              + SessionConfig.VERSION);
    }
    return new Negotiation(
        SessionConfig.VERSION,
        SessionConfig.VERSION,
        common(offered.capabilities()),
        config.extensions(),
        config.limits(),
        config.agent());
  }

  /**
   * The client's check of the server's choice.
   *
   * @throws McpException VERSION_MISMATCH or NEGOTIATION_FAILED, for the session
   */
  void accept(Negotiation selected) {
    if (selected.version() != SessionConfig.VERSION) {
      throw McpException.sessionError(
          ErrorCode.VERSION_MISMATCH,
          "selected version "
              + selected.version()
              + " was not offered, but "
              + SessionConfig.VERSION);
    }
    Limits limits = effective(selected.limits());
    if (limits.streamWindow() < SessionConfig.MIN_STREAM_WINDOW
        || limits.sessionWindow() < SessionConfig.MIN_SESSION_WINDOW) {
      throw McpException.sessionError(
          ErrorCode.NEGOTIATION_FAILED,
          "a server's windows are at least "
              + SessionConfig.MIN_STREAM_WINDOW
              + " and "
              + SessionConfig.MIN_SESSION_WINDOW
              + " bytes, announced were "
              + limits.streamWindow()
              + " and "
              + limits.sessionWindow());
    }
  }

  /**
   * The limits that an announcement stands for: what is absent or 0 has the smallest value that a
   * client may count on, what exceeds 2^31 - 1 is cut to it; a keepalive of 0 is none.
   */
  static Limits effective(Limits announced) {
    if (announced == null) {
      return effective(new Limits(0, 0, 0, 0, 0));
    }
    Limits usual = SessionConfig.DEFAULT_LIMITS;
    return new Limits(
        orDefault(announced.maxConcurrentStreams(), usual.maxConcurrentStreams()),
        orDefault(announced.streamWindow(), SessionConfig.MIN_STREAM_WINDOW),
        orDefault(announced.sessionWindow(), SessionConfig.MIN_SESSION_WINDOW),
        orDefault(announced.maxMessageSize(), usual.maxMessageSize()),
        orDefault(announced.keepaliveMs(), 0));
  }

  private static int orDefault(int unsigned, int absent) {
    if (unsigned == 0) {
      return absent;
    }
    return unsigned < 0 ? Integer.MAX_VALUE : unsigned;
  }

  private Map<String, Boolean> common(Map<String, Boolean> offered) {
    Map<String, Boolean> both = new TreeMap<>();
    config
        .capabilities()
        .forEach(
            (name, has) -> {
              if (has && Boolean.TRUE.equals(offered.get(name))) {
                both.put(name, true);
              }
            });
    return both;
  }
}
