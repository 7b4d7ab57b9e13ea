package io.modelcontrol.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.wire.AckFrame;
import io.modelcontrol.wire.ErrorFields;
import io.modelcontrol.wire.FrameHeader;
import io.modelcontrol.wire.FrameType;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageEncoder;
import io.modelcontrol.wire.MessageType;
import io.modelcontrol.wire.Negotiation;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What each frame leads to in each state of a server's session. Contract 1 and 4. */
class FrameMatrixTest {
  private static final UnpooledByteBufAllocator ALLOCATOR = UnpooledByteBufAllocator.DEFAULT;

  private static Endpoint serverIn(SessionState state) {
    Endpoint server = new Endpoint(SessionRole.SERVER);
    server.acceptAtOnce = false;
    if (state == SessionState.HANDSHAKING) {
      return server;
    }
    Negotiation offer = new Negotiation(0x100, 0x100, Map.of(), Map.of(), null, "test");
    receive(server, Message.of(MessageType.NEGOTIATE_REQ).negotiation(offer));
    if (state != SessionState.AUTH_PENDING) {
      server.acceptAtOnce = true;
      receive(server, Message.of(MessageType.AUTH_REQ).authMethod("none"));
    }
    if (state == SessionState.CLOSED) {
      server.session.close();
    }
    server.written.clear();
    assertThat(server.session.state()).isEqualTo(state);
    return server;
  }

  private static void receive(Endpoint server, Message message) {
    ByteBuf bytes = MessageEncoder.encode(message, ALLOCATOR);
    server.receive(FrameType.DATA, FrameHeader.END_MESSAGE, 0, taken(bytes));
  }

  private static byte[] taken(ByteBuf bytes) {
    byte[] copy = ByteBufUtil.getBytes(bytes);
    bytes.release();
    return copy;
  }

  /** A frame of each type that is right in itself. */
  private static byte[] payload(FrameType type) {
    return switch (type) {
      case DATA -> new byte[] {1, 2, 3};
      case ACK -> taken(AckFrame.encode(100_000, ALLOCATOR));
      case RESET -> taken(ErrorFields.encodeReset(canceled(), ALLOCATOR));
      case GOAWAY -> taken(ErrorFields.encodeGoaway(0, null, ALLOCATOR));
      case PING, PACKET -> new byte[0];
      case RECEIVED -> new byte[] {0};
    };
  }

  private static McpException canceled() {
    return McpException.streamError(ErrorCode.REQUEST_CANCELED, "not wanted");
  }

  @ParameterizedTest(name = "{1} on stream {2} in {0} leads to {3}")
  @CsvSource({
    "HANDSHAKING,  DATA,   1, CLOSED",
    "HANDSHAKING,  ACK,    0, CLOSED",
    "HANDSHAKING,  RESET,  1, CLOSED",
    "HANDSHAKING,  PING,   0, CLOSED",
    "HANDSHAKING,  GOAWAY, 0, CLOSED",
    "HANDSHAKING,  PACKET, 0, CLOSED",
    "HANDSHAKING,  RECEIVED, 0, HANDSHAKING",
    "AUTH_PENDING, DATA,   1, AUTH_PENDING",
    "AUTH_PENDING, DATA,   2, CLOSED",
    "AUTH_PENDING, ACK,    0, AUTH_PENDING",
    "AUTH_PENDING, ACK,    1, CLOSED",
    "AUTH_PENDING, RESET,  1, CLOSED",
    "AUTH_PENDING, PING,   0, AUTH_PENDING",
    "AUTH_PENDING, GOAWAY, 0, CLOSED",
    "AUTH_PENDING, PACKET, 0, CLOSED",
    "AUTH_PENDING, RECEIVED, 0, AUTH_PENDING",
    "READY,        DATA,   1, READY",
    "READY,        DATA,   0, CLOSED",
    "READY,        DATA,   2, CLOSED",
    "READY,        ACK,    0, READY",
    "READY,        ACK,    1, CLOSED",
    "READY,        RESET,  0, CLOSED",
    "READY,        RESET,  1, CLOSED",
    "READY,        PING,   0, READY",
    "READY,        GOAWAY, 0, CLOSED",
    "READY,        PACKET, 0, CLOSED",
    "READY,        RECEIVED, 0, READY",
    "CLOSED,       DATA,   1, CLOSED",
    "CLOSED,       ACK,    0, CLOSED",
    "CLOSED,       PING,   0, CLOSED"
  })
  void aFrameLeadsTo(SessionState state, FrameType type, int streamId, SessionState next) {
    Endpoint server = serverIn(state);
    int flags = type == FrameType.DATA ? FrameHeader.END_MESSAGE : 0;
    server.receive(type, flags, streamId, payload(type));
    assertThat(server.session.state()).isEqualTo(next);
    if (state == SessionState.CLOSED) {
      assertThat(server.written).isEmpty();
    }
    server.session.close();
  }
}
