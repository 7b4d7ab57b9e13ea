package io.modelcontrol.serving;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.server.McpServerSession;
import io.modelcontrol.wire.Message;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The sequences that have an id (0x22), of each session: they outlive their streams, and end with
 * the session. Each session's are used on its context only.
 */
final class SequenceTable {
  /** Sequences of one session; a worker has a bound of its own. */
  private static final int MAX_PER_SESSION = 1_000;

  private final StreamingHandler handler;
  private final Map<McpServerSession, Map<String, SequenceCall>> sessions =
      new ConcurrentHashMap<>();

  SequenceTable(StreamingHandler handler) {
    this.handler = handler;
  }

  static String key(Message message) {
    return message.modelName() + "/" + HexFormat.of().formatHex(message.sequenceId());
  }

  /**
   * The sequence that a first message names, which is new if there is none.
   *
   * @throws McpException OVERLOADED if the session has too many; or why the sequence has ended,
   *     told once: after that the id begins anew
   */
  SequenceCall find(McpServerSession session, Message first) {
    Map<String, SequenceCall> known = sessions.get(session);
    if (known == null) {
      known = new HashMap<>();
      sessions.put(session, known);
      session.closeHandler(closed -> drop(session));
    }
    String key = key(first);
    SequenceCall sequence = known.get(key);
    if (sequence != null && sequence.endedOrNull() != null) {
      known.remove(key);
      throw sequence.endedOrNull();
    }
    if (sequence == null) {
      if (known.size() >= MAX_PER_SESSION) {
        known.values().removeIf(other -> other.endedOrNull() != null);
      }
      if (known.size() >= MAX_PER_SESSION) {
        throw McpException.streamError(
            ErrorCode.OVERLOADED, "the session has " + known.size() + " sequences");
      }
      sequence = new SequenceCall(handler, first, session.identity());
      known.put(key, sequence);
    }
    return sequence;
  }

  void remove(McpServerSession session, String key, SequenceCall sequence) {
    Map<String, SequenceCall> known = sessions.get(session);
    if (known != null) {
      known.remove(key, sequence);
    }
  }

  private void drop(McpServerSession session) {
    Map<String, SequenceCall> known = sessions.remove(session);
    if (known != null) {
      known.values().forEach(SequenceCall::close);
    }
  }
}
