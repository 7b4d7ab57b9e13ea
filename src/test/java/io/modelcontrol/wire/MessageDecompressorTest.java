package io.modelcontrol.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The specification, "Compression": what is unfolded, and what is refused, without a leak. */
class MessageDecompressorTest {
  private static final int MAX_MESSAGE_BYTES = 1024 * 1024;

  private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false, true);

  @AfterEach
  void allMemoryComesBack() {
    assertThat(allocator.metric().usedDirectMemory()).isZero();
    assertThat(allocator.metric().usedHeapMemory()).isZero();
  }

  private byte[] unfold(ByteBuf compressed) {
    ByteBuf whole = MessageDecompressor.decompress(compressed, MAX_MESSAGE_BYTES, allocator);
    byte[] bytes = ByteBufUtil.getBytes(whole);
    whole.release();
    assertThat(compressed.refCnt()).isZero();
    return bytes;
  }

  private byte[] unfold(byte[] compressed) {
    return unfold(Unpooled.copiedBuffer(compressed));
  }

  private void isRefused(byte[] compressed, ErrorCode code) {
    assertThatThrownBy(() -> unfold(compressed))
        .isInstanceOfSatisfying(
            McpException.class,
            e -> {
              assertThat(e.code()).isEqualTo(code);
              assertThat(e.scope()).isEqualTo(McpException.Scope.STREAM);
            });
  }

  /** Half noise, half the same again, so that it gets smaller. */
  private static byte[] content(int bytes) {
    byte[] content = new byte[bytes];
    new Random(3).nextBytes(content);
    System.arraycopy(content, 0, content, bytes / 2, bytes / 2);
    return content;
  }

  private static byte[] zeros(int bytes) {
    return Zstd.compress(new byte[bytes], 3);
  }

  @Test
  void unfoldsWhatWasCompressedInAnySize() {
    for (int bytes : new int[] {0, 1, 200, 65_536, 65_537, 131_072, 900_001}) {
      byte[] content = content(bytes);
      assertThat(unfold(Zstd.compress(content, 3))).isEqualTo(content);
    }
  }

  @Test
  void unfoldsABufferOfManyPieces() {
    byte[] content = content(300_000);
    byte[] compressed = Zstd.compress(content, 3);
    CompositeByteBuf pieces = Unpooled.compositeBuffer(1_000);
    for (int at = 0; at < compressed.length; at += 700) {
      int length = Math.min(700, compressed.length - at);
      ByteBuf piece = at % 1_400 == 0 ? Unpooled.buffer(length) : Unpooled.directBuffer(length);
      pieces.addComponent(true, piece.writeBytes(compressed, at, length));
    }
    assertThat(unfold(pieces)).isEqualTo(content);
  }

  @Test
  void refusesEachTruncation() {
    byte[] compressed = Zstd.compress(content(2_000), 3);
    for (int length = 0; length < compressed.length; length++) {
      isRefused(Arrays.copyOf(compressed, length), ErrorCode.MALFORMED_MESSAGE);
    }
  }

  @Test
  void refusesWhatFollowsTheFrame() {
    byte[] compressed = Zstd.compress(content(2_000), 3);
    isRefused(Arrays.copyOf(compressed, compressed.length + 1), ErrorCode.MALFORMED_MESSAGE);
    byte[] twice = Arrays.copyOf(compressed, 2 * compressed.length);
    System.arraycopy(compressed, 0, twice, compressed.length, compressed.length);
    isRefused(twice, ErrorCode.MALFORMED_MESSAGE);
  }

  @Test
  void aBitThatFlipsIsRefusedOrUnfoldsWithinTheBounds() {
    byte[] compressed = Zstd.compress(content(700), 3);
    for (int bit = 0; bit < compressed.length * 8; bit++) {
      byte[] flipped = compressed.clone();
      flipped[bit / 8] ^= (byte) (1 << bit % 8);
      try {
        assertThat(unfold(flipped).length)
            .isLessThanOrEqualTo((int) MessageDecompressor.mostBytes(flipped.length));
      } catch (McpException e) {
        assertThat(e.code()).isIn(ErrorCode.MALFORMED_MESSAGE, ErrorCode.MESSAGE_TOO_LARGE);
      }
    }
  }

  @Test
  void refusesMoreThanTheRatioAllows() {
    byte[] tooMuch = zeros(MAX_MESSAGE_BYTES);
    assertThat(MessageDecompressor.mostBytes(tooMuch.length)).isLessThan(MAX_MESSAGE_BYTES);
    isRefused(tooMuch, ErrorCode.MESSAGE_TOO_LARGE);
  }

  @Test
  void refusesWhatUnfoldsToMoreThanAMessage() {
    isRefused(Zstd.compress(content(MAX_MESSAGE_BYTES + 1_000), 3), ErrorCode.MESSAGE_TOO_LARGE);
  }

  @Test
  void takesAsMuchAsTheRatioAllows() {
    byte[] compressed = zeros(MessageDecompressor.MOST_BESIDES_BYTES);
    assertThat(unfold(compressed)).hasSize(MessageDecompressor.MOST_BESIDES_BYTES);
  }

  @Test
  void anEmptyMessageIsNoFrame() {
    isRefused(new byte[0], ErrorCode.MALFORMED_MESSAGE);
  }
}
