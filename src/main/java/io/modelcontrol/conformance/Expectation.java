package io.modelcontrol.conformance;

import io.modelcontrol.ErrorCode;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What a server has to do.
 *
 * @param streamId which stream ends, where one does
 * @param codes any of these is right; several where the specification leaves the choice
 * @param notBeforeMs milliseconds before which it must not happen; 0 where time does not matter
 */
record Expectation(Scope scope, long streamId, List<ErrorCode> codes, long notBeforeMs) {
  enum Scope {
    /** GOAWAY with the code, then the connection is closed. */
    GOAWAY,
    /** RESET of the stream with the code; the session lives. */
    RESET,
    /** STATUS with the code and END_STREAM; the session lives. */
    STATUS,
    /** RESET or STATUS with the code; the session lives. */
    FAILED,
    /** The connection is closed, and no error is told. */
    CLOSED,
    /** The connection is closed, and not a byte was sent. */
    SILENT,
    /** The script itself has seen the right answer; the session lives. */
    ANSWERED,
    /** Nothing comes, and the session lives. */
    IGNORED,
    /** The script itself has seen the right end of the session. */
    ENDED
  }

  boolean allows(ErrorCode code) {
    return codes.contains(code);
  }

  /** As the list of cases says it. */
  String describe() {
    String names = codes.stream().map(ErrorCode::name).collect(Collectors.joining(" or "));
    return switch (scope) {
      case GOAWAY -> "session: GOAWAY " + names;
      case RESET -> "stream: RESET " + names;
      case STATUS -> "stream: STATUS " + names;
      case FAILED -> "stream: RESET or STATUS " + names;
      case CLOSED -> "closed";
      case SILENT -> "closed without a reply";
      case ANSWERED -> "answered";
      case IGNORED -> "no error";
      case ENDED -> "answered, then closed";
    };
  }
}
