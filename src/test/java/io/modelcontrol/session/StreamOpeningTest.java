package io.modelcontrol.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.wire.FrameHeader;
import io.modelcontrol.wire.FrameType;
import io.modelcontrol.wire.Limits;
import org.junit.jupiter.api.Test;

/** Streams between their opening at one end and the peer's first sight of them. */
class StreamOpeningTest {
  private static final Limits SMALL = new Limits(2, 65536, 262144, 300_000, 0);
  private final McpException canceled =
      McpException.streamError(ErrorCode.REQUEST_CANCELED, "not wanted");

  private final Endpoint[] pair = Endpoint.readyPair(SMALL);
  private final Endpoint client = pair[0];
  private final Endpoint server = pair[1];

  @Test
  void streamsGetTheirIdsInTheOrderOfSending() {
    Stream first = client.session.openStream();
    Stream second = client.session.openStream();
    client.send(second, "second", true);
    client.send(first, "first", true);
    Endpoint.exchange(client, server);
    assertThat(server.messages).containsExactly("1:second|", "3:first|");
    assertThat(server.reason).isNull();
  }

  @Test
  void aStreamOnWhichNothingWasSentIsGivenUpInSilence() {
    client.session.reset(client.session.openStream(), canceled);
    assertThat(client.written).isEmpty();
    assertThat(client.session.openStreams()).isZero();
  }

  @Test
  void aStreamWhoseFirstFrameWaitsIsGivenUpInSilence() {
    client.writable = false;
    Stream stream = client.session.openStream();
    client.send(stream, "waits", true);
    client.session.reset(stream, canceled);
    client.writable = true;
    client.session.onWritable();
    assertThat(client.written).isEmpty();
    client.send(client.session.openStream(), "next", true);
    Endpoint.exchange(client, server);
    assertThat(server.messages).containsExactly("3:next|");
  }

  @Test
  void aStreamThatThePeerKnowsIsReset() {
    Stream stream = client.session.openStream();
    client.send(stream, "a", false);
    client.session.reset(stream, canceled);
    assertThat(client.writtenTypes()).containsExactly(FrameType.DATA, FrameType.RESET);
    Endpoint.exchange(client, server);
    assertThat(server.resets).containsExactly("1:" + ErrorCode.REQUEST_CANCELED);
  }

  @Test
  void aResetMakesRoomForAnotherStream() {
    Stream stream = client.session.openStream();
    client.send(stream, "a", false);
    client.session.openStream();
    assertThat(client.session.canOpenStream()).isFalse();
    client.session.reset(stream, canceled);
    assertThat(client.session.canOpenStream()).isTrue();
    assertThat(client.freed).isEqualTo(1);
  }

  @Test
  void aDrainedSessionClosesWhenItsLastStreamIsReset() {
    Stream stream = client.session.openStream();
    client.send(stream, "a", false);
    client.session.shutdown();
    client.session.reset(stream, canceled);
    assertThat(client.session.state()).isEqualTo(SessionState.CLOSED);
  }

  @Test
  void aDrainRefusesStreamsThatThePeerHasNotSeen() {
    client.session.openStream();
    server.session.shutdown();
    Endpoint.exchange(client, server);
    assertThat(client.resets).containsExactly("0:" + ErrorCode.REFUSED_STREAM);
    assertThat(client.session.state()).isEqualTo(SessionState.CLOSED);
  }

  @Test
  void anEndWithoutAMessageIsNoMessage() {
    Stream stream = client.session.openStream();
    client.send(stream, "a", false);
    client.send(stream, "", true);
    assertThat(client.written.peekLast().flags()).isEqualTo(FrameHeader.END_STREAM);
    Endpoint.exchange(client, server);
    assertThat(server.messages).containsExactly("1:a", "1:|");
    assertThat(server.resets).isEmpty();
  }

  @Test
  void aClientMayGiveUpManyRequestsAtOnce() {
    for (int i = 0; i < 150; i++) {
      Stream stream = client.session.openStream();
      client.send(stream, "a", true);
      client.session.reset(stream, canceled);
    }
    assertThat(client.session.state()).isEqualTo(SessionState.READY);
  }

  @Test
  void aListenerMayResetOtherStreamsWhenTheSessionEnds() {
    Stream first = client.session.openStream();
    Stream second = client.session.openStream();
    client.send(first, "a", false);
    client.send(second, "b", false);
    client.onReset =
        stream -> {
          client.session.reset(first, canceled);
          client.session.reset(second, canceled);
        };
    client.session.close();
    assertThat(client.resets).hasSize(1);
    assertThat(client.writtenTypes())
        .containsExactly(FrameType.DATA, FrameType.DATA, FrameType.GOAWAY);
  }

  @Test
  void aCompressedMessageEndsItsStreamAndCostsTheSessionNoCredit() {
    byte[] payload = new byte[60_000];
    for (int id = 1; id < 20; id += 2) {
      server.receive(FrameType.DATA, FrameHeader.COMPRESSED, id, payload);
    }
    assertThat(server.session.state()).isEqualTo(SessionState.READY);
    assertThat(server.resets).hasSize(10).allMatch(reset -> reset.endsWith("PROTOCOL_ERROR"));
    assertThat(server.writtenTypes()).contains(FrameType.ACK);
  }
}
