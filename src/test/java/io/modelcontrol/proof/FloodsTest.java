package io.modelcontrol.proof;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each family of floods on its own. */
class FloodsTest {
  /** A second, and what a busy machine takes. */
  private static final int CLOSED_WITHIN_MS = 3_000;

  private static final int STALL_MS = 2_000;

  private static EchoNode node;

  @BeforeAll
  static void start() throws Exception {
    node = new EchoNode(STALL_MS);
  }

  @AfterAll
  static void stop() throws Exception {
    node.close();
  }

  @ParameterizedTest
  @EnumSource
  void isEndedInTimeAndHarmsNobody(Flood flood) throws Exception {
    assertThat(new FloodsProof(CLOSED_WITHIN_MS).attack(node, flood, 2)).contains("0 failures");
  }
}
