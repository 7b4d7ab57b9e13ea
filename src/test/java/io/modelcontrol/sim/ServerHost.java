package io.modelcontrol.sim;

import static io.modelcontrol.sim.Simulation.check;

import io.modelcontrol.McpException;
import io.modelcontrol.session.FrameSink;
import io.modelcontrol.session.ResumeTokens;
import io.modelcontrol.session.SessionState;
import io.modelcontrol.session.SessionTokens;
import io.netty.util.collection.LongObjectHashMap;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Accepts connections, gives tokens, and keeps sessions that lost their connection. */
final class ServerHost extends Host {
  /** How long a session is kept without a connection. */
  private static final long DETACHED_NANOS = 60_000 * Scenario.MS;

  private static final long TOKEN_MS = 60_000;
  private static final String IDENTITY = "sim";
  private static final byte[] KEY = new byte[ResumeTokens.KEY_LENGTH];

  static {
    Arrays.fill(KEY, (byte) 7);
  }

  private final ResumeTokens resumeTokens = new ResumeTokens(KEY);
  private final LongObjectHashMap<SessionEnd> resumable = new LongObjectHashMap<>();
  private final List<SessionEnd> sessions = new ArrayList<>();
  private final List<byte[]> consumed = new ArrayList<>();
  private long lastId;

  ServerHost(Simulation sim, Scenario scenario) {
    super(sim, scenario);
  }

  @Override
  boolean isServer() {
    return true;
  }

  void accept(Connection connection, Conversation conversation) {
    SessionEnd end = new SessionEnd(this, conversation, connection.server, null);
    sessions.add(end);
    connection.server.start(end);
  }

  @Override
  void onAuthRequest(SessionEnd end) {
    if (sim.random.nextInt(3) == 0) {
      sim.after(sim.random.nextLong(20 * Scenario.MS), () -> end.drive(() -> accept(end)));
    } else {
      accept(end);
    }
  }

  private void accept(SessionEnd end) {
    if (end.session.state() != SessionState.AUTH_PENDING) {
      return;
    }
    byte[] token = null;
    if (scenario.resume) {
      end.tokens = new SessionTokens(resumeTokens, ++lastId, IDENTITY);
      resumable.put(lastId, end);
      token = nextToken(end);
    }
    end.session.acceptAuth(IDENTITY, List.of(), token);
  }

  private byte[] nextToken(SessionEnd end) {
    return end.tokens.next(clock.nowMs() + TOKEN_MS);
  }

  @Override
  void onResumeRequest(SessionEnd end, byte[] token, long received) {
    SessionEnd earlier = earlier(token, received);
    if (earlier == null) {
      end.session.refuseAuth(ResumeTokens.rejected("the session is not here"));
      return;
    }
    check(!isConsumed(token), "a token is accepted that was used up");
    FrameSink connection = end.session.resumption().handOver();
    check(connection != null, "a connection is not given away");
    if (earlier.session.resumption().isAttached()) {
      sim.tally.add(Tally.Count.TAKEN_OVER);
    }
    Transport transport = end.transport;
    earlier.unproven = token;
    earlier.audit().attached(true, received);
    earlier.goOn(
        transport,
        () -> earlier.session.resumption().attach(connection, received, nextToken(earlier)));
  }

  private SessionEnd earlier(byte[] token, long received) {
    try {
      ResumeTokens.Claim claim = resumeTokens.verify(token, IDENTITY, clock.nowMs());
      SessionEnd earlier = resumable.get(claim.sessionId());
      return earlier != null
              && earlier.session.resumption().isPossibleFrom(received)
              && earlier.tokens.use(claim, earlier.session.resumption().isHeard())
          ? earlier
          : null;
    } catch (McpException refused) {
      return null;
    }
  }

  private boolean isConsumed(byte[] token) {
    return consumed.stream().anyMatch(used -> Arrays.equals(used, token));
  }

  @Override
  void onTokenConsumed(byte[] token) {
    consumed.add(token);
  }

  /** A token that may not be used any more; {@code null} if there is none. */
  byte[] consumedToken() {
    return consumed.isEmpty() ? null : consumed.get(sim.random.nextInt(consumed.size()));
  }

  @Override
  void onDetached(SessionEnd end) {
    int detachment = end.detachments;
    sim.after(
        DETACHED_NANOS,
        () -> {
          if (end.detachments == detachment && !end.session.resumption().isAttached()) {
            end.drive(end.session::close);
          }
        });
  }

  @Override
  void onClosed(SessionEnd end, McpException errorOrNull) {
    if (end.tokens != null) {
      resumable.remove(end.tokens.sessionId());
    }
    if (end == current) {
      current = null;
      useAnother();
    }
  }

  /** The session that was Ready last need not be the one that the client has. */
  private void useAnother() {
    for (SessionEnd other : sessions) {
      if (other.session.state() == SessionState.READY) {
        sim.after(0, () -> onReady(other));
        return;
      }
    }
  }

  @Override
  void execute(StreamEnd request) {
    sim.after(sim.random.nextLong(100 * Scenario.MS), request::answered);
  }

  @Override
  void wakeAll() {
    for (int i = 0; i < sessions.size(); i++) {
      sessions.get(i).transport.wake();
    }
  }
}
