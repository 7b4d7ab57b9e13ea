package io.modelcontrol.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.wire.AckFrame;
import io.modelcontrol.wire.FrameHeader;
import io.modelcontrol.wire.FrameType;
import io.modelcontrol.wire.Limits;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SlowConsumersTest {
  private static final long SECOND = 1_000_000_000L;
  private static final int WINDOW = 65536;
  private static final Limits CLIENT = new Limits(0, WINDOW, 262144, 8 << 20, 0);
  private static final Limits SERVER = new Limits(16, 1 << 20, 8 << 20, 8 << 20, 0);

  private final Endpoint client = new Endpoint(SessionRole.CLIENT, CLIENT);
  private final Endpoint server = new Endpoint(SessionRole.SERVER, SERVER);

  SlowConsumersTest() {
    Endpoint.exchange(client, server);
  }

  @AfterEach
  void close() {
    client.session.close();
    server.session.close();
  }

  /** A request that is answered with so many bytes; nothing is given back for them. */
  private void answered(int id, int bytes) {
    server.receive(
        FrameType.DATA, FrameHeader.END_MESSAGE | FrameHeader.END_STREAM, id, new byte[] {1});
    Stream stream = server.streams.get(server.streams.size() - 1);
    server.session.send(stream, Unpooled.wrappedBuffer(new byte[bytes]), true);
  }

  private void grant(int streamId, int bytes) {
    ByteBuf credit = AckFrame.encode(bytes, UnpooledByteBufAllocator.DEFAULT);
    server.receive(FrameType.ACK, 0, streamId, ByteBufUtil.getBytes(credit));
    credit.release();
  }

  /** Lets time pass as a timer would, and the client be heard all the while. */
  private void pass(long nanos) {
    for (long left = nanos; left > 0; left -= SECOND / 4) {
      server.advance(Math.min(left, SECOND / 4));
      server.receive(FrameType.PING, FrameHeader.REPLY, 0, new byte[0]);
    }
  }

  @Test
  void resetsAStreamThatHoldsMuchAndGetsNoCredit() {
    answered(1, WINDOW + SlowConsumers.PINNED_BYTES + 1);
    pass(29 * SECOND);
    assertThat(server.resets).isEmpty();
    pass(2 * SECOND);
    assertThat(server.resets).containsExactly("1:" + ErrorCode.SLOW_CONSUMER);
    assertThat(server.writtenTypes()).contains(FrameType.RESET);
    assertThat(server.session.state()).isEqualTo(SessionState.READY);
    assertThat(server.session.openStreams()).isZero();
  }

  @Test
  void aPeerThatAnswersIsSlowAndOneThatDoesNotIsLost() {
    answered(1, 4 * WINDOW);
    for (int i = 0; i < 31; i++) {
      server.written.clear();
      stayFor(1);
      if (server.writtenTypes().contains(FrameType.PING)) {
        server.receive(FrameType.PING, FrameHeader.REPLY, 0, new byte[0]);
      }
    }
    assertThat(server.resets).containsExactly("1:" + ErrorCode.SLOW_CONSUMER);
    answered(3, 4 * WINDOW);
    stayFor(31);
    assertThat(server.reason.code()).isEqualTo(ErrorCode.NETWORK_TIMEOUT);
  }

  @Test
  void timeInWhichThisEndDidNotRunIsNotHeldAgainstThePeer() {
    answered(1, 4 * WINDOW);
    pass(10 * SECOND);
    server.advance(60 * SECOND);
    pass(15 * SECOND);
    assertThat(server.resets).isEmpty();
    pass(5 * SECOND);
    assertThat(server.resets).isNotEmpty();
  }

  private void stayFor(int seconds) {
    for (int i = 0; i < 4 * seconds; i++) {
      server.advance(SECOND / 4);
    }
  }

  @Test
  void leavesAPausedStreamAloneThatHoldsLittle() {
    answered(1, WINDOW + SlowConsumers.PINNED_BYTES);
    pass(600 * SECOND);
    assertThat(server.resets).isEmpty();
    grant(1, WINDOW);
    grant(0, WINDOW);
    assertThat(server.session.openStreams()).isZero();
  }

  @Test
  void leavesAloneWhoTakesAKibibyteEachSecond() {
    answered(1, 4 * WINDOW);
    for (int second = 0; second < 120; second++) {
      grant(0, 1100);
      grant(1, 1100);
      pass(SECOND);
    }
    assertThat(server.resets).isEmpty();
  }

  @Test
  void aTrickleOfCreditDoesNotSaveAStream() {
    answered(1, 4 * WINDOW);
    for (int i = 0; i < 4; i++) {
      grant(0, 1024);
      grant(1, 1024);
      pass(10 * SECOND);
    }
    assertThat(server.resets).containsExactly("1:" + ErrorCode.SLOW_CONSUMER);
  }

  @Test
  void aSessionWithoutCreditIsAsSlowAsAStreamWithoutIt() {
    for (int id = 1; id < 16; id += 2) {
      answered(id, 3 * WINDOW);
      grant(id, 1 << 20);
    }
    pass(31 * SECOND);
    assertThat(server.resets)
        .isNotEmpty()
        .allSatisfy(reset -> assertThat(reset).endsWith(":" + ErrorCode.SLOW_CONSUMER));
  }

  @Test
  void endsASessionWhoseTransportTakesNothing() {
    server.writable = false;
    answered(1, 100);
    pass(29 * SECOND);
    assertThat(server.closed).isFalse();
    pass(2 * SECOND);
    assertThat(server.reason.code()).isEqualTo(ErrorCode.SLOW_CONSUMER);
    assertThat(server.closed).isTrue();
  }

  @Test
  void aPeerThatIsSilentAsWellIsTakenForLost() {
    server.writable = false;
    answered(1, 100);
    stayFor(31);
    assertThat(server.reason.code()).isEqualTo(ErrorCode.NETWORK_TIMEOUT);
  }

  @Test
  void aTransportThatTakesSomethingNowAndThenIsNotStalled() {
    for (int i = 0; i < 6; i++) {
      server.writable = false;
      answered(2 * i + 1, 100);
      pass(20 * SECOND);
      server.writable = true;
      server.session.onWritable();
    }
    assertThat(server.closed).isFalse();
  }

  @Test
  void asksForTheTimeOnlyWhileSomethingWaits() {
    assertThat(server.advance(SECOND)).isGreaterThan(10 * SECOND);
    answered(1, 4 * WINDOW);
    assertThat(server.advance(SECOND)).isLessThanOrEqualTo(SECOND / 2);
    grant(0, 4 * WINDOW);
    grant(1, 4 * WINDOW);
    server.advance(SECOND);
    assertThat(server.advance(SECOND)).isGreaterThan(10 * SECOND);
  }

  @Test
  void aClientWaitsForItsServerForAsLongAsItTakes() {
    Stream upload = client.session.openStream();
    client.session.send(upload, Unpooled.wrappedBuffer(new byte[4 << 20]), true);
    for (int i = 0; i < 200; i++) {
      client.advance(SECOND);
    }
    assertThat(client.resets).isEmpty();
    assertThat(client.closed).isFalse();
  }
}
