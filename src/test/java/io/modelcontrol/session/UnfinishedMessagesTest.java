package io.modelcontrol.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.wire.FrameHeader;
import io.modelcontrol.wire.FrameType;
import io.modelcontrol.wire.Limits;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class UnfinishedMessagesTest {
  private static final long SECOND = 1_000_000_000L;

  private final Endpoint[] pair = Endpoint.readyPair(new Limits(16, 1 << 20, 8 << 20, 64 << 20, 0));
  private final Endpoint client = pair[0];
  private final Endpoint server = pair[1];

  @AfterEach
  void close() {
    client.session.close();
    server.session.close();
  }

  @Test
  void aDribbleOfBytesDoesNotKeepAMessageAlive() {
    for (int second = 0; second < 35; second++) {
      server.receive(FrameType.DATA, 0, 1, new byte[1]);
      server.advance(SECOND);
    }
    assertThat(server.resets).containsExactly("1:" + ErrorCode.DEADLINE_EXCEEDED);
  }

  @Test
  void aKibibyteASecondDoes() {
    for (int second = 0; second < 120; second++) {
      server.receive(FrameType.DATA, 0, 1, new byte[1100]);
      server.advance(SECOND);
    }
    assertThat(server.resets).isEmpty();
  }

  @Test
  void messagesOnASlowSessionShareItsRate() {
    for (int second = 0; second < 160; second++) {
      for (int id = 1; id <= 15; id += 2) {
        server.receive(FrameType.DATA, 0, id, new byte[160]);
      }
      server.advance(SECOND);
    }
    assertThat(server.resets).isEmpty();
  }

  @Test
  void tinyFragmentsWithoutEndEndTheSession() {
    for (int i = 0; i < 4096; i++) {
      server.receive(FrameType.DATA, 0, 1, new byte[1]);
    }
    assertThat(server.reason).isNull();
    server.receive(FrameType.DATA, 0, 1, new byte[1]);
    assertThat(server.reason.code()).isEqualTo(ErrorCode.ENHANCE_YOUR_CALM);
  }

  @Test
  void tinyMessagesThatNobodyTakesBeforeTheSessionIsReadyEndIt() {
    Endpoint waiting = new Endpoint(SessionRole.SERVER);
    waiting.acceptAtOnce = false;
    Endpoint opener = new Endpoint(SessionRole.CLIENT);
    opener.deliverTo(waiting);
    int objects = HeldObjects.MAX_BYTES / HeldObjects.OBJECT_BYTES;
    for (int i = 0; i < objects; i++) {
      waiting.receive(FrameType.DATA, FrameHeader.END_MESSAGE, 1, new byte[1]);
    }
    assertThat(waiting.reason).isNull();
    waiting.receive(FrameType.DATA, FrameHeader.END_MESSAGE, 1, new byte[1]);
    assertThat(waiting.reason.code()).isEqualTo(ErrorCode.ENHANCE_YOUR_CALM);
    opener.session.close();
  }
}
