package io.modelcontrol.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.ErrorLevel;
import io.modelcontrol.McpException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.HexFormat;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The payloads of RESET, GOAWAY and ACK. */
class ErrorFieldsTest {
  /** Buffers of the garbage collector: what these tests encode is theirs to drop. */
  private static final ByteBufAllocator ALLOCATOR = new UnpooledByteBufAllocator(false, true);

  @Test
  void aResetSaysCodeTextAndLevel() {
    ByteBuf payload =
        ErrorFields.encodeReset(
            McpException.streamError(ErrorCode.REQUEST_CANCELED, "canceled"), ALLOCATOR);
    assertThat(ByteBufUtil.hexDump(payload))
        .isEqualTo(
            "05"
                + "02"
                + "8a06" // status 0x030A
                + "06"
                + "08"
                + "63616e63656c6564" // "canceled"
                + "07"
                + "01"
                + "01"); // CRITICAL
    McpException read = ErrorFields.decodeReset(payload);
    assertThat(read.code()).isEqualTo(ErrorCode.REQUEST_CANCELED);
    assertThat(read).hasMessage("canceled");
    assertThat(read.scope()).isEqualTo(McpException.Scope.STREAM);
    assertThat(payload.refCnt()).isEqualTo(1);
  }

  @Test
  void retryAfterAndAnotherLevelGoAlong() {
    McpException error =
        McpException.streamError(ErrorCode.OVERLOADED, "full")
            .withLevel(ErrorLevel.CRITICAL)
            .withRetryAfterMs(250);
    McpException read = ErrorFields.decodeReset(ErrorFields.encodeReset(error, ALLOCATOR));
    assertThat(read.level()).isEqualTo(ErrorLevel.CRITICAL);
    assertThat(read.retryAfterMs()).isEqualTo(250);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "\u00FC", "\u20AC", "\uD83D\uDE00"})
  void aLongTextIsCutBetweenCharacters(String character) {
    McpException error = McpException.streamError(ErrorCode.UNKNOWN, "x" + character.repeat(600));
    ByteBuf payload = ErrorFields.encodeReset(error, ALLOCATOR);
    assertThat(payload.readableBytes()).isLessThanOrEqualTo(512 + 16);
    String text = ErrorFields.decodeReset(payload).getMessage();
    assertThat(error.getMessage()).startsWith(text);
    assertThat(ByteBufUtil.utf8Bytes(text)).isBetween(509, 512);
  }

  @Test
  void aResetWithoutFieldsIsACancellation() {
    assertThat(ErrorFields.decodeReset(Unpooled.EMPTY_BUFFER).code())
        .isEqualTo(ErrorCode.REQUEST_CANCELED);
  }

  @Test
  void fieldsOfLaterVersionsAreSkipped() {
    assertThat(ErrorFields.decodeReset(bytes("7f0100" + "0502870e" + "100161")).code())
        .isEqualTo(ErrorCode.UNKNOWN);
  }

  @ParameterizedTest
  @ValueSource(strings = {"05", "0501", "05018005", "05010005", "800100", "070104", "0601c0"})
  void aPayloadThatCannotBeReadIsASessionError(String hex) {
    assertMalformed(() -> ErrorFields.decodeReset(bytes(hex)));
    assertMalformed(() -> ErrorFields.decodeGoaway(bytes("00" + hex)));
  }

  @Test
  void aGracefulGoawayIsOnlyAStreamId() {
    ByteBuf payload = ErrorFields.encodeGoaway(0xFFFFFFFF, null, ALLOCATOR);
    assertThat(ByteBufUtil.hexDump(payload)).isEqualTo("ffffffff0f");
    ErrorFields.Goaway goaway = ErrorFields.decodeGoaway(payload);
    assertThat(goaway.lastStreamId()).isEqualTo(0xFFFFFFFF);
    assertThat(goaway.error()).isNull();
  }

  @Test
  void aGoawayWithAnErrorEndsTheSession() {
    McpException error = McpException.sessionError(ErrorCode.CHECKSUM_MISMATCH, "CRC");
    ErrorFields.Goaway goaway =
        ErrorFields.decodeGoaway(ErrorFields.encodeGoaway(9, error, ALLOCATOR));
    assertThat(goaway.lastStreamId()).isEqualTo(9);
    assertThat(goaway.error().code()).isEqualTo(ErrorCode.CHECKSUM_MISMATCH);
    assertThat(goaway.error().scope()).isEqualTo(McpException.Scope.SESSION);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "80", "8080808010"})
  void aGoawayNeedsAStreamIdOf32Bits(String hex) {
    assertMalformed(() -> ErrorFields.decodeGoaway(bytes(hex)));
  }

  @Test
  void anAckIsItsCreditAndWhatTheTransportAdds() {
    ByteBuf payload = AckFrame.encode(65536, ALLOCATOR);
    assertThat(ByteBufUtil.hexDump(payload)).isEqualTo("808004");
    assertThat(AckFrame.decode(bytes("808004" + "ffff"))).isEqualTo(65536);
    assertMalformed(() -> AckFrame.decode(bytes("8080")));
  }

  private static void assertMalformed(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            McpException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.MALFORMED_FRAME);
              assertThat(e.scope()).isEqualTo(McpException.Scope.SESSION);
            });
  }

  private static ByteBuf bytes(String hex) {
    return Unpooled.wrappedBuffer(HexFormat.of().parseHex(hex));
  }
}
