package io.modelcontrol.session;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Signs and checks the tokens that sessions are resumed with: opaque to clients, bound to an
 * identity, expiring. Which of a session's tokens may still be used, {@link SessionTokens} knows.
 * Thread-safe.
 */
public final class ResumeTokens {
  /** Bytes of a key. */
  public static final int KEY_LENGTH = 32;

  private static final String ALGORITHM = "HmacSHA256";
  private static final byte FORMAT = 1;
  private static final int CLAIM_LENGTH = 1 + Long.BYTES + Integer.BYTES + Long.BYTES;
  private static final int LENGTH = CLAIM_LENGTH + 32;

  /**
   * What a token says.
   *
   * @param sessionId of the server that made it
   * @param generation counts the tokens of the session
   */
  public record Claim(long sessionId, int generation) {}

  private final SecretKeySpec key;

  /**
   * @param key {@value #KEY_LENGTH} random bytes, which no client may learn
   */
  public ResumeTokens(byte[] key) {
    if (key.length != KEY_LENGTH) {
      throw new IllegalArgumentException("key must have 32 bytes, has " + key.length);
    }
    this.key = new SecretKeySpec(key, ALGORITHM);
  }

  /**
   * Makes a token.
   *
   * @param identity who alone may use it
   * @param expiresMs on the clock that {@link #verify} is given
   */
  public byte[] issue(long sessionId, int generation, String identity, long expiresMs) {
    ByteBuffer token = ByteBuffer.allocate(LENGTH);
    token.put(FORMAT).putLong(sessionId).putInt(generation).putLong(expiresMs);
    return token.put(sign(token.array(), identity)).array();
  }

  /**
   * Checks a token.
   *
   * @param identity who presents it
   * @throws McpException RESUME_REJECTED, for the session, if it was not made here, not for that
   *     identity, or has expired
   */
  public Claim verify(byte[] token, String identity, long nowMs) {
    if (token.length != LENGTH || token[0] != FORMAT || !isSigned(token, identity)) {
      throw rejected("the session token is not valid here");
    }
    ByteBuffer fields = ByteBuffer.wrap(token, 1, CLAIM_LENGTH - 1);
    Claim claim = new Claim(fields.getLong(), fields.getInt());
    if (nowMs - fields.getLong() >= 0) {
      throw rejected("the session token has expired");
    }
    return claim;
  }

  /** The refusal to go on with a session. */
  public static McpException rejected(String why) {
    return McpException.sessionError(ErrorCode.RESUME_REJECTED, why);
  }

  private boolean isSigned(byte[] token, String identity) {
    byte[] expected = sign(token, identity);
    byte[] given = new byte[expected.length];
    System.arraycopy(token, CLAIM_LENGTH, given, 0, given.length);
    return MessageDigest.isEqual(expected, given);
  }

  private byte[] sign(byte[] token, String identity) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      mac.update(token, 0, CLAIM_LENGTH);
      return mac.doFinal(identity.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has " + ALGORITHM, e);
    }
  }
}
