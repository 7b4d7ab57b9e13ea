package io.modelcontrol.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.session.ResumeTokens;
import java.util.Arrays;

/** Any bytes as a session token: refused by RESUME_REJECTED, unless they are the one token. */
class ResumeTokensFuzz {
  private static final ResumeTokens TOKENS = new ResumeTokens(new byte[ResumeTokens.KEY_LENGTH]);
  private static final String IDENTITY = "somebody";
  private static final byte[] TOKEN = TOKENS.issue(1, 1, IDENTITY, 1_000);

  /** The input is a token, and what is done to the good one: it is laid over it. */
  @FuzzTest(maxDuration = "10m")
  void noTokenIsGoodThatWasNotGiven(byte[] input) {
    check(input);
    byte[] changed = TOKEN.clone();
    for (int i = 0; i < Math.min(input.length, changed.length); i++) {
      changed[i] = (byte) (changed[i] ^ input[i]);
    }
    check(changed);
  }

  private static void check(byte[] token) {
    ResumeTokens.Claim claim;
    try {
      claim = TOKENS.verify(token, IDENTITY, 0);
    } catch (McpException e) {
      if (e.code() != ErrorCode.RESUME_REJECTED || Arrays.equals(token, TOKEN)) {
        throw new AssertionError("a token is refused by " + e, e);
      }
      return;
    }
    if (!Arrays.equals(token, TOKEN) || !claim.equals(new ResumeTokens.Claim(1, 1))) {
      throw new AssertionError("a token is accepted that was not given: " + claim);
    }
  }
}
