package io.modelcontrol.server.impl;

import io.modelcontrol.session.ResumeTokens;
import io.modelcontrol.session.SessionTokens;
import java.security.SecureRandom;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * The sessions of a server that can be resumed: found by a token, and bounded in number while they
 * have no connection. Thread-safe: sessions live on many event loops.
 */
final class ResumableSessions {
  /** Beyond this the client has to begin a new session. */
  private static final long TOKEN_LIFE_MS = TimeUnit.HOURS.toMillis(24);

  /** A session, and what a token says of it. */
  record Found(SessionVerticle session, ResumeTokens.Claim claim) {}

  private final SecureRandom random = new SecureRandom();
  private final ResumeTokens tokens = new ResumeTokens(randomKey());
  private final Map<Long, SessionVerticle> byId = new ConcurrentHashMap<>();
  private final Set<SessionVerticle> detached = new LinkedHashSet<>();
  private final int maxDetached;

  ResumableSessions(int maxDetached) {
    this.maxDetached = maxDetached;
  }

  private byte[] randomKey() {
    byte[] key = new byte[ResumeTokens.KEY_LENGTH];
    random.nextBytes(key);
    return key;
  }

  /** The tokens of a session that can be resumed from now on. */
  SessionTokens register(SessionVerticle session, String identity) {
    long id = random.nextLong();
    while (byId.putIfAbsent(id, session) != null) {
      id = random.nextLong();
    }
    return new SessionTokens(tokens, id, identity);
  }

  /**
   * The session that an identity may resume by a token.
   *
   * @throws io.modelcontrol.McpException RESUME_REJECTED
   */
  Found find(byte[] token, String identity) {
    ResumeTokens.Claim claim = tokens.verify(token, identity, nowMs());
    SessionVerticle session = byId.get(claim.sessionId());
    if (session == null) {
      throw ResumeTokens.rejected("the session has ended");
    }
    return new Found(session, claim);
  }

  /** When a token that is made now expires. */
  long expiresMs() {
    return nowMs() + TOKEN_LIFE_MS;
  }

  /** The wall clock may jump; tokens are checked only by the process that made them. */
  private static long nowMs() {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
  }

  /** A session waits for its client; where too many do, the longest wait ends. */
  void onDetached(SessionVerticle session) {
    SessionVerticle longest = null;
    synchronized (detached) {
      detached.add(session);
      if (detached.size() > maxDetached) {
        longest = detached.iterator().next();
        detached.remove(longest);
      }
    }
    if (longest != null) {
      longest.giveUp("too many sessions wait for their clients");
    }
  }

  void onAttached(SessionVerticle session) {
    synchronized (detached) {
      detached.remove(session);
    }
  }

  void remove(SessionVerticle session, SessionTokens itsTokens) {
    byId.remove(itsTokens.sessionId());
    onAttached(session);
  }
}
