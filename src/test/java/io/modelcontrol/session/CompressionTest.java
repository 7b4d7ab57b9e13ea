package io.modelcontrol.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.modelcontrol.wire.FrameHeader;
import io.modelcontrol.wire.FrameType;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** COMPRESSED: a mark that a session carries from a message's first frame to who takes it. */
class CompressionTest {
  private static final int END = FrameHeader.END_MESSAGE;
  private static final int COMPRESSED = FrameHeader.COMPRESSED;

  private final Endpoint client = Endpoint.compressing(SessionRole.CLIENT);
  private final Endpoint server = Endpoint.compressing(SessionRole.SERVER);

  CompressionTest() {
    Endpoint.exchange(client, server);
  }

  private void send(Stream stream, String message, boolean compressed) {
    client.session.send(
        stream, Unpooled.copiedBuffer(message, StandardCharsets.UTF_8), false, compressed);
  }

  @Test
  void bothEndsSelectWhatBothHave() {
    assertThat(client.session.isSelected(SessionConfig.ZSTD)).isTrue();
    assertThat(server.session.isSelected(SessionConfig.ZSTD)).isTrue();
    assertThat(server.session.isSelected(SessionConfig.RESUME)).isFalse();
  }

  @Test
  void theFlagStandsOnTheFirstFrameOfItsMessageOnly() {
    Stream stream = client.session.openStream();
    send(stream, "a", false);
    send(stream, "b".repeat(FrameHeader.MAX_PAYLOAD + 1), true);
    send(stream, "c", false);
    send(stream, "d", true);
    assertThat(client.written)
        .extracting(Endpoint.Frame::flags)
        .containsExactly(END, COMPRESSED, END, END, COMPRESSED | END);
  }

  @Test
  void whoTakesTheMessagesIsToldWhichAreCompressed() {
    Stream stream = client.session.openStream();
    send(stream, "a", true);
    send(stream, "b", false);
    send(stream, "c", true);
    Endpoint.exchange(client, server);
    Stream received = server.streams.get(0);
    assertThat(received.takeArrived()).isTrue();
    assertThat(received.takeArrived()).isFalse();
    assertThat(received.takeArrived()).isTrue();
    send(stream, "d", false);
    Endpoint.exchange(client, server);
    assertThat(received.takeArrived()).isFalse();
  }

  @Test
  void theFlagWithinAMessageIsAnErrorOfTheStream() {
    server.receiveData(0, 1, "a");
    server.receiveData(COMPRESSED | END, 1, "b");
    assertThat(server.resets).containsExactly("1:PROTOCOL_ERROR");
  }

  @Test
  void theFlagTwiceIsAnErrorOfTheStream() {
    server.receiveData(COMPRESSED, 1, "a");
    server.receiveData(COMPRESSED | END, 1, "b");
    assertThat(server.resets).containsExactly("1:PROTOCOL_ERROR");
  }

  @Test
  void theFlagOnStream0EndsTheSession() {
    server.receiveData(COMPRESSED | END, 0, "a");
    assertThat(server.writtenTypes()).contains(FrameType.GOAWAY);
  }
}
