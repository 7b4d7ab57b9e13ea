package io.modelcontrol.session;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ReceiptsTest {
  @Test
  void aTinyWindowDoesNotTellOfNothing() {
    Receipts receipts = new Receipts(1);
    assertThat(receipts.isDue(0)).isFalse();
    receipts.onFrame(1, 0);
    assertThat(receipts.isDue(0)).isTrue();
    assertThat(receipts.tell()).isEqualTo(1);
    assertThat(receipts.isDue(Receipts.DELAY_NANOS)).isFalse();
  }
}
