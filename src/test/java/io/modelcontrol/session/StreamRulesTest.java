package io.modelcontrol.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.wire.FrameHeader;
import io.modelcontrol.wire.FrameType;
import io.modelcontrol.wire.Limits;
import org.junit.jupiter.api.Test;

class StreamRulesTest {
  private static final int END = FrameHeader.END_MESSAGE | FrameHeader.END_STREAM;
  private static final Limits SMALL = new Limits(2, 65536, 262144, 100_000, 0);

  private final Endpoint[] pair = Endpoint.readyPair(SMALL);
  private final Endpoint client = pair[0];
  private final Endpoint server = pair[1];

  @Test
  void carriesMessagesBothWaysUntilBothHaveEnded() {
    Stream stream = client.session.openStream();
    client.send(stream, "one", false);
    client.send(stream, "two", true);
    Endpoint.exchange(client, server);
    assertThat(server.messages).containsExactly("1:one", "1:two|");
    server.send(server.streams.get(0), "answer", true);
    Endpoint.exchange(client, server);
    assertThat(client.messages).containsExactly("1:answer|");
    assertThat(client.session.openStreams()).isZero();
    assertThat(server.session.openStreams()).isZero();
  }

  @Test
  void anIdThatDoesNotGrowEndsTheSession() {
    server.receiveData(END, 5, "a");
    server.receiveData(END, 3, "b");
    assertThat(server.reason.code()).isEqualTo(ErrorCode.PROTOCOL_ERROR);
  }

  @Test
  void anIdOfTheOtherEndEndsTheSession() {
    server.receiveData(END, 2, "a");
    assertThat(server.reason.code()).isEqualTo(ErrorCode.PROTOCOL_ERROR);
  }

  @Test
  void aReusedIdEndsTheSession() {
    server.receiveData(END, 1, "a");
    server.send(server.streams.get(0), "answer", true);
    server.receiveData(END, 1, "again");
    assertThat(server.reason.code()).isEqualTo(ErrorCode.PROTOCOL_ERROR);
  }

  @Test
  void dataAfterTheEndResetsTheStreamAlone() {
    server.receiveData(END, 1, "a");
    server.receiveData(END, 1, "more");
    assertThat(server.resets).containsExactly("1:" + ErrorCode.STREAM_CLOSED);
    assertThat(server.session.state()).isEqualTo(SessionState.READY);
  }

  @Test
  void dataOnAStreamThatWasJustResetIsIgnored() {
    server.receiveData(FrameHeader.END_MESSAGE, 1, "a");
    server.session.reset(
        server.streams.get(0), McpException.streamError(ErrorCode.REQUEST_CANCELED, "enough"));
    server.receiveData(FrameHeader.END_MESSAGE, 1, "late");
    assertThat(server.session.state()).isEqualTo(SessionState.READY);
    assertThat(server.messages).containsExactly("1:a");
  }

  @Test
  void refusesMoreStreamsThanItAnnounced() {
    server.receiveData(FrameHeader.END_MESSAGE, 1, "a");
    server.receiveData(FrameHeader.END_MESSAGE, 3, "b");
    server.receiveData(FrameHeader.END_MESSAGE, 5, "c");
    assertThat(server.messages).containsExactly("1:a", "3:b");
    assertThat(server.writtenTypes()).contains(FrameType.RESET);
    assertThat(server.session.state()).isEqualTo(SessionState.READY);
  }

  @Test
  void opensNoMoreStreamsThanThePeerAccepts() {
    client.session.openStream();
    client.session.openStream();
    assertThat(client.session.canOpenStream()).isFalse();
    assertThatThrownBy(client.session::openStream).isInstanceOf(McpException.class);
  }

  @Test
  void aResetEndsBothEndsAndNoOther() {
    Stream first = client.session.openStream();
    Stream second = client.session.openStream();
    client.send(first, "a", false);
    client.send(second, "b", true);
    Endpoint.exchange(client, server);
    client.session.reset(first, McpException.streamError(ErrorCode.REQUEST_CANCELED, "enough"));
    Endpoint.exchange(client, server);
    assertThat(server.resets).containsExactly("1:" + ErrorCode.REQUEST_CANCELED);
    server.send(server.streams.get(1), "answer", true);
    Endpoint.exchange(client, server);
    assertThat(client.messages).containsExactly("3:answer|");
  }

  @Test
  void aMessageAboveTheLimitResetsItsStream() {
    byte[] part = new byte[60_000];
    server.receive(FrameType.DATA, 0, 1, part);
    server.receive(FrameType.DATA, FrameHeader.END_MESSAGE, 1, part);
    assertThat(server.resets).containsExactly("1:" + ErrorCode.MESSAGE_TOO_LARGE);
    assertThat(server.session.state()).isEqualTo(SessionState.READY);
  }

  @Test
  void sendsNoMessageThatThePeerDoesNotAccept() {
    Stream stream = client.session.openStream();
    assertThatThrownBy(() -> client.send(stream, "x".repeat(100_001), true))
        .isInstanceOf(McpException.class)
        .hasMessageContaining("100000");
  }

  @Test
  void endOfStreamWithinAMessageResetsTheStream() {
    server.receiveData(0, 1, "half");
    server.receiveData(FrameHeader.END_STREAM, 1, "");
    assertThat(server.resets).containsExactly("1:" + ErrorCode.MALFORMED_MESSAGE);
  }

  @Test
  void anAckOfAStreamThatNeverWasEndsTheSession() {
    server.receive(FrameType.ACK, 0, 7, new byte[] {1});
    assertThat(server.reason.code()).isEqualTo(ErrorCode.PROTOCOL_ERROR);
  }

  @Test
  void drainingFinishesWhatRunsAndRefusesWhatIsNew() {
    Stream running = client.session.openStream();
    client.send(running, "a", true);
    Endpoint.exchange(client, server);
    server.session.shutdown();
    client.send(client.session.openStream(), "new", true);
    client.deliverTo(server);
    assertThat(server.messages).containsExactly("1:a|");
    Endpoint.exchange(client, server);
    assertThat(client.session.canOpenStream()).isFalse();
    server.send(server.streams.get(0), "answer", true);
    Endpoint.exchange(client, server);
    assertThat(client.messages).containsExactly("1:answer|");
    assertThat(client.resets).containsExactly("3:" + ErrorCode.REFUSED_STREAM);
    assertThat(server.closed).isTrue();
    assertThat(client.closed).isTrue();
  }

  @Test
  void whatThePeerHasNotSeenIsRefusedWhenItDrains() {
    Stream unseen = client.session.openStream();
    client.send(unseen, "a", true);
    client.written.clear();
    server.session.shutdown();
    server.deliverTo(client);
    assertThat(client.resets).containsExactly("1:" + ErrorCode.REFUSED_STREAM);
  }

  @Test
  void aClosedSessionTellsEachOpenStreamOnce() {
    client.send(client.session.openStream(), "a", false);
    client.session.onDisconnected(
        McpException.sessionError(ErrorCode.NETWORK_CONNECTION_RESET, "gone"));
    assertThat(client.resets).containsExactly("1:" + ErrorCode.NETWORK_CONNECTION_RESET);
    client.session.close();
    assertThat(client.resets).hasSize(1);
  }

  @Test
  void tooManyResetsEndTheSession() {
    for (int id = 1; id <= 401 && server.session.state() == SessionState.READY; id += 2) {
      server.receiveData(FrameHeader.END_MESSAGE, id, "a");
      server.receive(FrameType.RESET, 0, id, new byte[0]);
    }
    assertThat(server.reason.code()).isEqualTo(ErrorCode.ENHANCE_YOUR_CALM);
  }

  @Test
  void tooManyPingsEndTheSession() {
    for (int i = 0; i < 200 && server.session.state() == SessionState.READY; i++) {
      server.receive(FrameType.PING, 0, 0, new byte[0]);
    }
    assertThat(server.reason.code()).isEqualTo(ErrorCode.ENHANCE_YOUR_CALM);
  }

  @Test
  void aThirdEmptyFrameInARowEndsTheSession() {
    server.receiveData(FrameHeader.END_MESSAGE, 1, "a");
    for (int i = 0; i < 3; i++) {
      server.receiveData(0, 1, "");
    }
    assertThat(server.reason.code()).isEqualTo(ErrorCode.ENHANCE_YOUR_CALM);
  }
}
