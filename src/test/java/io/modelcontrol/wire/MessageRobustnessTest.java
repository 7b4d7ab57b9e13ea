package io.modelcontrol.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.modelcontrol.McpException;
import io.modelcontrol.testing.Vectors;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Damaged messages: no exception but ours, and no byte is lost or kept. */
class MessageRobustnessTest {
  private static final int RANDOM_ROUNDS = 2000;

  /** Counts what is held, so it needs no leak detector, whose records take most of the time. */
  private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false, true);

  static List<String> vectors() {
    return Vectors.names("message-");
  }

  @AfterEach
  void nothingIsLeftAllocated() {
    assertThat(allocator.metric().usedHeapMemory()).isZero();
    assertThat(allocator.metric().usedDirectMemory()).isZero();
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void survivesEachTruncation(String name) {
    byte[] bytes = Vectors.bytes(name);
    for (int length = 0; length < bytes.length; length++) {
      decode(bytes, length);
    }
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void survivesEachSingleBitFlip(String name) {
    byte[] bytes = Vectors.bytes(name);
    for (int bit = 0; bit < bytes.length * Byte.SIZE; bit++) {
      byte[] flipped = bytes.clone();
      flipped[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
      decode(flipped, flipped.length);
    }
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void survivesRandomDamage(String name) {
    byte[] bytes = Vectors.bytes(name);
    Random random = new Random(name.hashCode());
    for (int round = 0; round < RANDOM_ROUNDS; round++) {
      byte[] damaged = bytes.clone();
      for (int i = 0; i <= random.nextInt(4); i++) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
      }
      decode(damaged, 1 + random.nextInt(damaged.length));
    }
  }

  /** What was understood is written and read again as the same. */
  private void decode(byte[] bytes, int length) {
    ByteBuf in = allocator.buffer(length + 1).writeBytes(bytes, 0, length);
    Message message;
    try {
      message = MessageDecoder.decode(in);
    } catch (McpException e) {
      assertThat(e.scope()).isEqualTo(McpException.Scope.STREAM);
      assertThat(in.refCnt()).isZero();
      return;
    }
    ByteBuf once = MessageEncoder.encode(message, allocator);
    String first = ByteBufUtil.hexDump(once);
    ByteBuf twice = MessageEncoder.encode(MessageDecoder.decode(once), allocator);
    assertThat(ByteBufUtil.hexDump(twice)).isEqualTo(first);
    twice.release();
  }
}
