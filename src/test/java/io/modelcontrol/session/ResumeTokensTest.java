package io.modelcontrol.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ResumeTokensTest {
  private final byte[] key = new byte[ResumeTokens.KEY_LENGTH];
  private final ResumeTokens tokens = new ResumeTokens(key);
  private final SessionTokens session = new SessionTokens(tokens, 42, "edge-7");

  @Test
  void aTokenTellsItsSessionAndGeneration() {
    session.next(1000);
    ResumeTokens.Claim claim = tokens.verify(session.next(1000), "edge-7", 999);
    assertThat(claim).isEqualTo(new ResumeTokens.Claim(42, 2));
  }

  @Test
  void refusesATokenOfAnotherIdentity() {
    assertRejected(session.next(1000), "edge-8", 0);
  }

  @Test
  void refusesAnExpiredToken() {
    assertRejected(session.next(1000), "edge-7", 1000);
  }

  @Test
  void refusesATokenOfAnotherKey() {
    byte[] other = key.clone();
    other[3] = 1;
    byte[] foreign = new ResumeTokens(other).issue(42, 1, "edge-7", 1000);
    assertRejected(foreign, "edge-7", 0);
  }

  @Test
  void refusesEveryChangedBitAndEveryOtherLength() {
    byte[] token = session.next(1000);
    for (int bit = 0; bit < token.length * Byte.SIZE; bit++) {
      byte[] changed = token.clone();
      changed[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
      assertRejected(changed, "edge-7", 0);
    }
    for (int length = 0; length <= token.length + 1; length++) {
      if (length != token.length) {
        assertRejected(Arrays.copyOf(token, length), "edge-7", 0);
      }
    }
  }

  @Test
  void aTokenIsUsedUpOnceTheClientWasHeardOnItsConnection() {
    session.next(1000);
    assertThat(use(1, true)).isTrue();
    session.next(1000);
    assertThat(use(1, true)).isFalse();
  }

  @Test
  void aTokenWhoseAnswerMayBeLostStaysGood() {
    session.next(1000);
    assertThat(use(1, true)).isTrue();
    session.next(1000);
    assertThat(use(1, false)).isTrue();
    session.next(1000);
    assertThat(use(3, false)).isTrue();
    assertThat(use(1, false)).isFalse();
  }

  @Test
  void aTokenThatWasNeverMadeIsNoGood() {
    session.next(1000);
    assertThat(use(2, false)).isFalse();
    assertThat(use(0, false)).isFalse();
  }

  private boolean use(int generation, boolean heard) {
    return session.use(new ResumeTokens.Claim(42, generation), heard);
  }

  private void assertRejected(byte[] token, String identity, long nowMs) {
    assertThatThrownBy(() -> tokens.verify(token, identity, nowMs))
        .isInstanceOfSatisfying(
            McpException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.RESUME_REJECTED));
  }
}
