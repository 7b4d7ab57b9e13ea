package io.modelcontrol.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.wire.FrameHeader;
import io.modelcontrol.wire.FrameType;
import io.modelcontrol.wire.Limits;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageEncoder;
import io.modelcontrol.wire.MessageType;
import io.modelcontrol.wire.Negotiation;
import io.modelcontrol.wire.Varint;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SessionOpeningTest {
  private final Endpoint server = new Endpoint(SessionRole.SERVER);

  @AfterEach
  void close() {
    server.session.close();
  }

  @Test
  void isReadyOnBothEndsAfterOneRoundTrip() {
    Endpoint client = new Endpoint(SessionRole.CLIENT);
    assertThat(client.written).hasSize(2);
    client.deliverTo(server);
    assertThat(server.ready).isTrue();
    assertThat(server.written).hasSize(2);
    server.deliverTo(client);
    assertThat(client.ready).isTrue();
    assertThat(client.session.identity()).isEqualTo("somebody");
    assertThat(client.session.roles()).containsExactly("role");
    assertThat(client.session.remoteNegotiation().capabilities()).containsEntry("compress", true);
  }

  @Test
  void acceptsOffsetsOnTheSessionsStream() {
    Endpoint client = new Endpoint(SessionRole.CLIENT);
    int offset = 0;
    for (Endpoint.Frame frame : client.written) {
      ByteBuf payload = Unpooled.buffer();
      Varint.write(payload, offset);
      payload.writeBytes(frame.payload());
      server.receive(
          frame.type(), frame.flags() | FrameHeader.OFFSET, 0, ByteBufUtil.getBytes(payload));
      offset += frame.payload().length;
    }
    assertThat(server.ready).isTrue();
  }

  @Test
  void requestsOfTheFirstFlightWaitUntilReady() {
    server.acceptAtOnce = false;
    new Endpoint(SessionRole.CLIENT).deliverTo(server);
    server.receiveData(FrameHeader.END_MESSAGE | FrameHeader.END_STREAM, 1, "early");
    assertThat(server.messages).isEmpty();
    server.session.acceptAuth("somebody", java.util.List.of(), null);
    assertThat(server.messages).containsExactly("1:early|");
  }

  @Test
  void aFirstFlightThatUsedUpItsWindowGoesOnWhenReady() {
    server.acceptAtOnce = false;
    new Endpoint(SessionRole.CLIENT).deliverTo(server);
    server.written.clear();
    int half = SessionConfig.DEFAULT_LIMITS.streamWindow() / 2;
    for (int sent = 0; sent < half; sent += 32_768) {
      server.receive(FrameType.DATA, 0, 1, new byte[32_768]);
    }
    assertThat(server.writtenTypes()).doesNotContain(FrameType.ACK);
    server.session.acceptAuth("somebody", java.util.List.of(), null);
    assertThat(server.written)
        .anyMatch(frame -> frame.type() == FrameType.ACK && frame.streamId() == 1);
  }

  @ParameterizedTest
  @EnumSource(value = FrameType.class, mode = EnumSource.Mode.EXCLUDE, names = "RECEIVED")
  void anyFrameButNegotiateEndsAnUnnegotiatedSession(FrameType type) {
    server.receive(type, 0, type == FrameType.DATA ? 1 : 0, new byte[] {1});
    assertThat(server.session.state()).isEqualTo(SessionState.CLOSED);
    assertThat(server.closed).isTrue();
  }

  @Test
  void aSecondNegotiateEndsTheSession() {
    new Endpoint(SessionRole.CLIENT).deliverTo(server);
    server.receive(FrameType.DATA, FrameHeader.END_MESSAGE, 0, negotiate(SessionConfig.VERSION));
    assertThat(server.reason.code()).isEqualTo(ErrorCode.PROTOCOL_ERROR);
  }

  @Test
  void withoutCommonVersionAuthenticationIsNeverReached() {
    server.receive(FrameType.DATA, FrameHeader.END_MESSAGE, 0, negotiate(2 << 8));
    assertThat(server.writtenTypes()).containsExactly(FrameType.GOAWAY);
    assertThat(server.reason.code()).isEqualTo(ErrorCode.VERSION_MISMATCH);
  }

  @Test
  void aClientThatStaysSilentIsClosedWithoutReply() {
    server.advance(TimeUnit.SECONDS.toNanos(11));
    assertThat(server.closed).isTrue();
    assertThat(server.written).isEmpty();
    assertThat(server.reason.code()).isEqualTo(ErrorCode.NEGOTIATION_TIMEOUT);
  }

  @Test
  void aFrameThatIsNotFinishedInTimeEndsTheSession() {
    Endpoint ready = Endpoint.readyPair()[1];
    ready.session.onPartialFrame(true, true);
    ready.advance(TimeUnit.SECONDS.toNanos(14));
    assertThat(ready.closed).isFalse();
    ready.advance(TimeUnit.SECONDS.toNanos(2));
    assertThat(ready.reason.code()).isEqualTo(ErrorCode.IDLE_TIMEOUT);
  }

  @Test
  void asksASilentPeerForASignOfLifeAndThenGivesUp() {
    Endpoint ready = Endpoint.readyPair()[1];
    ready.advance(TimeUnit.SECONDS.toNanos(31));
    assertThat(ready.writtenTypes()).containsExactly(FrameType.PING);
    ready.advance(TimeUnit.SECONDS.toNanos(30));
    assertThat(ready.reason.code()).isEqualTo(ErrorCode.NETWORK_TIMEOUT);
  }

  @Test
  void answersAPingWithItsPayload() {
    Endpoint[] pair = Endpoint.readyPair();
    pair[0].session.ping(42);
    Endpoint.exchange(pair[0], pair[1]);
    assertThat(pair[0].pong).isEqualTo(42);
  }

  @Test
  @SuppressWarnings("EnumOrdinal") // the published order is that of the constants
  void onlyThePublishedTransitionsAreLegal() {
    for (SessionState from : SessionState.values()) {
      for (SessionState to : SessionState.values()) {
        boolean next = to.ordinal() == from.ordinal() + 1;
        boolean cancel = to == SessionState.CLOSED && from != SessionState.CLOSED;
        assertThat(from.canBecome(to)).as(from + " to " + to).isEqualTo(next || cancel);
      }
    }
    assertThatThrownBy(server.session::connect).isInstanceOf(IllegalStateException.class);
  }

  private static byte[] negotiate(int version) {
    Negotiation offer =
        new Negotiation(
            version, version, Map.of(), Map.of(), new Limits(1, 65536, 262144, 65536, 0), "test");
    ByteBuf bytes =
        MessageEncoder.encode(
            Message.of(MessageType.NEGOTIATE_REQ).negotiation(offer),
            UnpooledByteBufAllocator.DEFAULT);
    try {
      return ByteBufUtil.getBytes(bytes);
    } finally {
      bytes.release();
    }
  }
}
