package io.modelcontrol.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.wire.FrameHeader;
import io.modelcontrol.wire.FrameType;
import io.modelcontrol.wire.Limits;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FlowControlTest {
  private static final Limits WINDOWS = new Limits(16, 65536, 262144, 8 << 20, 0);

  private final Endpoint[] pair = Endpoint.readyPair(WINDOWS);
  private final Endpoint client = pair[0];
  private final Endpoint server = pair[1];

  @Test
  void sendsNoMoreThanTheStreamWindowGrants() {
    client.send(client.session.openStream(), "x".repeat(200_000), true);
    assertThat(writtenBytes()).isEqualTo(65536);
  }

  @Test
  void sendsNoMoreThanTheSessionWindowGrants() {
    for (int i = 0; i < 8; i++) {
      client.send(client.session.openStream(), "x".repeat(65536), true);
    }
    assertThat(writtenBytes()).isEqualTo(262144);
  }

  @Test
  void aMessageAboveTheWindowArrivesWhole() {
    String large = "x".repeat(1_000_000);
    client.send(client.session.openStream(), large, true);
    Endpoint.exchange(client, server);
    assertThat(server.messages).containsExactly("1:" + large + "|");
  }

  @Test
  void mergesCredit() {
    client.send(client.session.openStream(), "x".repeat(60_000), false);
    client.deliverTo(server);
    long acks = server.writtenTypes().stream().filter(FrameType.ACK::equals).count();
    assertThat(acks).isEqualTo(1);
  }

  @Test
  void refusesDataBeyondTheStreamWindow() {
    server.receive(FrameType.DATA, FrameHeader.END_MESSAGE, 1, new byte[10]);
    server.session.reading(server.streams.get(0), false);
    server.receive(FrameType.DATA, 0, 1, new byte[65000]);
    server.receive(FrameType.DATA, 0, 1, new byte[1000]);
    assertThat(server.resets).containsExactly("1:" + ErrorCode.FLOW_CONTROL);
    assertThat(server.session.state()).isEqualTo(SessionState.READY);
  }

  @Test
  void aReaderThatPausesGrantsNothingAndHoldsUpNobodyElse() {
    Stream slow = client.session.openStream();
    client.send(slow, "first", false);
    Endpoint.exchange(client, server);
    server.session.reading(server.streams.get(0), false);
    client.send(slow, "x".repeat(300_000), false);
    Endpoint.exchange(client, server);
    assertThat(server.messages).containsExactly("1:first");
    client.send(client.session.openStream(), "quick", true);
    Endpoint.exchange(client, server);
    assertThat(server.messages).containsExactly("1:first", "3:quick|");
    server.session.reading(server.streams.get(0), true);
    Endpoint.exchange(client, server);
    assertThat(server.messages).hasSize(3);
  }

  @Test
  void aSmallRequestIsNotDelayedByALargeOne() {
    client.writable = false;
    client.send(client.session.openStream(), "x".repeat(60_000), true);
    client.send(client.session.openStream(), "small", true);
    client.writable = true;
    client.session.onWritable();
    assertThat(client.written.stream().map(Endpoint.Frame::streamId).limit(2))
        .containsExactly(1, 3);
    Endpoint.exchange(client, server);
    assertThat(server.messages.get(0)).isEqualTo("3:small|");
  }

  @Test
  void waitsWhileTheTransportIsFull() {
    client.writable = false;
    client.send(client.session.openStream(), "a", true);
    assertThat(client.written).isEmpty();
    client.writable = true;
    client.session.onWritable();
    assertThat(client.written).hasSize(1);
  }

  @Test
  void creditAboveTheLargestWindowEndsTheSession() {
    server.receive(FrameType.ACK, 0, 0, new byte[] {-1, -1, -1, -1, 7});
    assertThat(server.reason.code()).isEqualTo(ErrorCode.FLOW_CONTROL);
  }

  @Test
  void anOffsetThatIsNotTheNextResetsTheStream() {
    server.receive(
        FrameType.DATA, FrameHeader.OFFSET | FrameHeader.END_MESSAGE, 1, new byte[] {0, 1});
    server.receive(
        FrameType.DATA, FrameHeader.OFFSET | FrameHeader.END_MESSAGE, 1, new byte[] {9, 1});
    assertThat(server.resets).containsExactly("1:" + ErrorCode.PROTOCOL_ERROR);
  }

  @Test
  void offsetsCountTheBytesOfMessagesAlone() {
    server.receive(FrameType.DATA, FrameHeader.OFFSET, 1, new byte[] {0, 'a', 'b'});
    server.receive(FrameType.DATA, FrameHeader.OFFSET, 1, new byte[] {2, 'c'});
    server.receive(
        FrameType.DATA, FrameHeader.OFFSET | FrameHeader.END_MESSAGE, 1, new byte[] {3, 'd'});
    assertThat(server.resets).isEmpty();
    assertThat(server.messages).containsExactly("1:abcd");
  }

  @Test
  void aLargeTensorDelaysASmallRequestByAFrame() {
    Endpoint[] wide = Endpoint.readyPair(new Limits(16, 1 << 27, 1 << 27, 1 << 27, 0));
    Endpoint sender = wide[0];
    sender.writable = false;
    ByteBuf tensor = Unpooled.wrappedBuffer(new byte[64 << 20]);
    sender.session.send(sender.session.openStream(), tensor, true);
    sender.session.send(sender.session.openStream(), Unpooled.wrappedBuffer(new byte[64]), true);
    sender.writable = true;
    sender.session.onWritable();
    List<Integer> order = sender.written.stream().map(Endpoint.Frame::streamId).toList();
    assertThat(order).hasSizeGreaterThan(1024).startsWith(1, 3, 1);
    assertThat(sender.written.peek().payload()).hasSizeLessThanOrEqualTo(16 * 1024);
  }

  @Test
  void largeMessagesTakeTurnsOfAFrameOnATransportThatTakesNoMoreAtOnce() {
    Endpoint sender = senderOfLargeMessages(4 << 20);
    int[] sent = new int[8];
    int least = 0;
    while (least < 4 << 20) {
      sender.writeOne();
      Endpoint.Frame frame = sender.written.remove();
      sent[frame.streamId()] += frame.payload().length;
      int most = Math.max(Math.max(sent[1], sent[3]), Math.max(sent[5], sent[7]));
      least = Math.min(Math.min(sent[1], sent[3]), Math.min(sent[5], sent[7]));
      assertThat(most - least).isLessThanOrEqualTo(64 * 1024);
    }
  }

  @Test
  void aLargeMessageGoesAMegabyteAtATimeToATransportThatTakesAll() {
    Endpoint sender = senderOfLargeMessages(4 << 20);
    sender.writable = true;
    sender.session.onWritable();
    List<Integer> turns = new ArrayList<>();
    int turn = 0;
    int last = 1;
    for (Endpoint.Frame frame : sender.written) {
      if (frame.streamId() != last) {
        turns.add(turn);
        turn = 0;
        last = frame.streamId();
      }
      turn += frame.payload().length;
    }
    assertThat(turns).hasSizeGreaterThanOrEqualTo(15);
    assertThat(turns).allMatch(bytes -> bytes <= (1 << 20) + 64 * 1024);
  }

  private static Endpoint senderOfLargeMessages(int bytes) {
    Endpoint sender = Endpoint.readyPair(new Limits(16, 1 << 27, 1 << 27, 1 << 27, 0))[0];
    sender.writable = false;
    for (int i = 0; i < 4; i++) {
      ByteBuf tensor = Unpooled.wrappedBuffer(new byte[bytes]);
      sender.session.send(sender.session.openStream(), tensor, true);
    }
    return sender;
  }

  @Test
  void aReaderThatTakesLittleAtATimeIsSeenGettingOn() {
    server.receive(FrameType.DATA, FrameHeader.END_MESSAGE, 1, new byte[2000]);
    assertThat(server.writtenTypes()).doesNotContain(FrameType.ACK);
    server.advance(6_000_000_000L);
    server.receive(FrameType.DATA, FrameHeader.END_MESSAGE, 1, new byte[10]);
    assertThat(server.written.stream().filter(frame -> frame.type() == FrameType.ACK))
        .anySatisfy(frame -> assertThat(frame.streamId()).isEqualTo(1));
  }

  private int writtenBytes() {
    return client.written.stream()
        .filter(frame -> frame.type() == FrameType.DATA)
        .mapToInt(frame -> frame.payload().length)
        .sum();
  }
}
