package io.modelcontrol.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.testing.Vectors;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FrameDecoderTest {
  private final Frames frames = new Frames();
  private final FrameDecoder decoder = new FrameDecoder(frames);

  @ParameterizedTest
  @CsvSource({
    "frame-ack, ACK 0 3 808004",
    "frame-ping, PING 0 0 0102030405060708",
    "frame-ping-reply, PING 1 0 0102030405060708",
    "frame-goaway, GOAWAY 0 0 09",
    "frame-packet, PACKET 0 0 00",
    "frame-data-offset, DATA 8 5 ac02cafe",
    "frame-data-end, 'DATA 2 7 '",
    "frame-extension, extension 128"
  })
  void readsEachKindOfFrame(String name, String seen) {
    feed(Vectors.bytes(name));
    assertThat(frames.seen).containsExactly(seen);
    assertThat(decoder.inFrame()).isFalse();
    assertThat(decoder.pendingBytes()).isZero();
  }

  @Test
  void streamIdsAreUnsigned() {
    feed(Frames.frame(1, 0, 0xFFFFFFFF));
    assertThat(frames.seen).containsExactly("DATA 0 4294967295 ");
  }

  @Test
  void aPayloadIsASliceOfWhatWasRead() {
    ByteBuf[] payload = new ByteBuf[1];
    ByteBuf read = Unpooled.directBuffer().writeBytes(Frames.frame(1, 0, 1, new byte[100]));
    new FrameDecoder((type, flags, streamId, bytes) -> payload[0] = bytes).decode(read);
    assertThat(payload[0].memoryAddress()).isEqualTo(read.memoryAddress() + FrameHeader.LENGTH);
    assertThat(read.refCnt()).isEqualTo(1);
    payload[0].release();
    assertThat(read.refCnt()).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"GET / HTTP/1.1\r\n\r\n", "\u0016\u0003\u0001\u0002", "M", "MCQ", "MCP\1"})
  void refusesAPeerThatDoesNotSpeakMcp(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    if ("M".equals(text)) {
      feed(bytes);
      assertThat(decoder.inHeader()).isTrue();
    } else {
      assertFails(ErrorCode.MALFORMED_FRAME, bytes);
    }
    assertThat(decoder.speaksMcp()).isFalse();
    decoder.release();
  }

  @Test
  void namesTheMagicThatCame() {
    assertThatThrownBy(() -> feed("GET ".getBytes(StandardCharsets.US_ASCII)))
        .hasMessage("magic is 0x4D435000, came 0x47000000");
  }

  @Test
  void knowsThatThePeerSpeaksMcpOnceTheMagicIsThere() {
    feed(0x4D, 0x43, 0x50);
    assertThat(decoder.speaksMcp()).isFalse();
    feed(0x00);
    assertThat(decoder.speaksMcp()).isTrue();
    assertFails(ErrorCode.VERSION_MISMATCH, header(0x20, 0x01, 0, 0));
    assertThat(decoder.speaksMcp()).isTrue();
  }

  @Test
  void refusesABadMagicBehindAValidFrame() {
    assertFails(ErrorCode.MALFORMED_FRAME, Frames.join(Frames.frame(4, 0, 0), new byte[] {0}));
    assertThat(frames.seen).containsExactly("PING 0 0 ");
    assertThat(decoder.speaksMcp()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "2, 0, 1, 1025, length 1025 exceeds max ACK payload 1024",
    "4, 0, 1, 65, length 65 exceeds max PING payload 64",
    "3, 0, 1, 4097, length 4097 exceeds max RESET payload 4096",
    "4, 2, 1, 0, PING has the reserved flags 0x00000002",
    "2, 1, 1, 0, ACK has the reserved flags 0x00000001",
    "0, 0, 1, 0, unknown frame type 0",
    "127, 0, 1, 0, unknown frame type 127",
  })
  void judgesAHeaderBeforeItsPayload(int type, int flags, int version, int length, String text) {
    byte[] head = Frames.join(magic(), header((version << 4) | flags, type, length >> 8, length));
    assertThatThrownBy(() -> feed(head))
        .isInstanceOfSatisfying(
            McpException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.MALFORMED_FRAME))
        .hasMessage(text);
    assertThat(decoder.pendingBytes()).isZero();
  }

  @Test
  void aFrameWithABadChecksumIsNeverSeen() {
    byte[] frame = Frames.frame(1, 0, 1, new byte[] {1, 2, 3});
    frame[16] ^= 1;
    assertFails(ErrorCode.CHECKSUM_MISMATCH, frame);
    assertThat(frames.seen).isEmpty();
  }

  @Test
  void anErrorIsFinalAndLaterBytesAreReleased() {
    assertFails(ErrorCode.MALFORMED_FRAME, new byte[] {1});
    ByteBuf later = Unpooled.buffer().writeBytes(Frames.frame(4, 0, 0));
    assertThatThrownBy(() -> decoder.decode(later))
        .isInstanceOfSatisfying(
            McpException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.MALFORMED_FRAME));
    assertThat(later.refCnt()).isZero();
    assertThat(frames.seen).isEmpty();
  }

  @Test
  void anExtensionIsSkippedWithoutBeingKept() {
    byte[] frame = Frames.frame(0xFF, 0xF, 9, new byte[5000]);
    feed(Arrays.copyOf(frame, 4000));
    assertThat(decoder.inFrame()).isTrue();
    assertThat(decoder.pendingBytes()).isEqualTo(FrameHeader.LENGTH);
    feed(Arrays.copyOfRange(frame, 4000, frame.length));
    assertThat(frames.seen).containsExactly("extension 255");
    frame[frame.length - 1] ^= 1;
    assertFails(ErrorCode.CHECKSUM_MISMATCH, frame);
  }

  @Test
  void tellsWhereInAFrameItIs() {
    byte[] frame = Frames.frame(1, 0, 1, new byte[] {1, 2, 3});
    assertThat(decoder.inFrame()).isFalse();
    feed(Arrays.copyOf(frame, 15));
    assertThat(decoder.inFrame()).isTrue();
    assertThat(decoder.inHeader()).isTrue();
    feed(frame[15], frame[16]);
    assertThat(decoder.inFrame()).isTrue();
    assertThat(decoder.inHeader()).isFalse();
    assertThat(decoder.pendingBytes()).isEqualTo(17);
    decoder.release();
    assertThat(decoder.inFrame()).isFalse();
  }

  @Test
  void aListenerMayStopTheDecoder() {
    byte[] two = Frames.join(Frames.frame(4, 0, 0), Frames.frame(4, 0, 0));
    FrameDecoder[] stopped = new FrameDecoder[1];
    stopped[0] =
        new FrameDecoder(
            (type, flags, streamId, payload) -> {
              frames.onFrame(type, flags, streamId, payload);
              stopped[0].release();
            });
    ByteBuf in = Unpooled.buffer().writeBytes(two);
    stopped[0].decode(in);
    assertThat(frames.seen).hasSize(1);
    assertThat(in.refCnt()).isZero();
    ByteBuf later = Unpooled.buffer().writeBytes(two);
    stopped[0].decode(later);
    assertThat(later.refCnt()).isZero();
    assertThat(frames.seen).hasSize(1);
  }

  private void feed(int... bytes) {
    byte[] array = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      array[i] = (byte) bytes[i];
    }
    feed(array);
  }

  private void feed(byte[] bytes) {
    decoder.decode(Unpooled.wrappedBuffer(bytes));
  }

  private void assertFails(ErrorCode code, byte[] bytes) {
    assertThatThrownBy(() -> feed(bytes))
        .isInstanceOfSatisfying(
            McpException.class,
            e -> {
              assertThat(e.code()).isEqualTo(code);
              assertThat(e.scope()).isEqualTo(McpException.Scope.SESSION);
            });
  }

  private static byte[] magic() {
    return new byte[] {0x4D, 0x43, 0x50, 0x00};
  }

  /** Bytes 4 to 15: version and flags, type, length, stream id 0, CRC 0. */
  private static byte[] header(int versionAndFlags, int type, int lengthHigh, int lengthLow) {
    byte[] bytes = new byte[12];
    bytes[0] = (byte) versionAndFlags;
    bytes[1] = (byte) type;
    bytes[2] = (byte) lengthHigh;
    bytes[3] = (byte) lengthLow;
    return bytes;
  }
}
