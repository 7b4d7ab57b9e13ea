package io.modelcontrol.session;

/**
 * The tokens of one session, counted: each is good for one resumption. A client may not have got
 * the token that answered its last resumption, because that connection broke as well; so the one
 * that it used stays good until the client was heard on the connection that it opened.
 */
public final class SessionTokens {
  private final ResumeTokens tokens;
  private final long sessionId;
  private final String identity;
  private int lowest = 1;
  private int current;

  public SessionTokens(ResumeTokens tokens, long sessionId, String identity) {
    this.tokens = tokens;
    this.sessionId = sessionId;
    this.identity = identity;
  }

  public long sessionId() {
    return sessionId;
  }

  /**
   * The next token.
   *
   * @param expiresMs on the clock that tokens are checked by
   */
  public byte[] next(long expiresMs) {
    return tokens.issue(sessionId, ++current, identity, expiresMs);
  }

  /**
   * Whether a token may be used; if so, those before it no longer may.
   *
   * @param heard whether the client was heard on the connection that it has got the last token on
   */
  public boolean use(ResumeTokens.Claim claim, boolean heard) {
    if (heard) {
      lowest = current;
    }
    if (claim.generation() < lowest || claim.generation() > current) {
      return false;
    }
    lowest = claim.generation();
    return true;
  }
}
