package io.modelcontrol.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A message is compressed where that helps, and then is what it was. */
class MessageCompressorTest {
  private static EncodedMessage encode(byte[] content) {
    return MessageCompressor.encode(message(content), ByteBufAllocator.DEFAULT);
  }

  private static Message message(byte[] content) {
    return Message.of(MessageType.MODEL_LOAD_REQ)
        .contentOffset(7)
        .content(Unpooled.wrappedBuffer(content));
  }

  private static byte[] noise(int bytes) {
    byte[] noise = new byte[bytes];
    new Random(1).nextBytes(noise);
    return noise;
  }

  /** Numbers around 0, as weights are: signs and exponents repeat, fractions are noise. */
  private static byte[] weights(int count) {
    Random random = new Random(2);
    ByteBuffer bytes = ByteBuffer.allocate(4 * count);
    for (int i = 0; i < count; i++) {
      bytes.putFloat((float) random.nextGaussian() * 0.1f);
    }
    return bytes.array();
  }

  @Test
  void weightsGetSmallerAndUnfoldToTheSameMessage() {
    byte[] weights = weights(64 * 1024);
    EncodedMessage encoded = encode(weights);
    assertThat(encoded.compressed()).isTrue();
    assertThat(encoded.bytes().readableBytes()).isLessThan(weights.length * 95 / 100);
    ByteBuf plain =
        MessageDecompressor.decompress(encoded.bytes(), 1024 * 1024, ByteBufAllocator.DEFAULT);
    Message message = MessageDecoder.decode(plain);
    assertThat(message.contentOffset()).isEqualTo(7);
    assertThat(ByteBufUtil.getBytes(message.content())).isEqualTo(weights);
    message.release();
  }

  @Test
  void noiseIsSentAsItIs() {
    byte[] noise = noise(100_000);
    EncodedMessage encoded = encode(noise);
    assertThat(encoded.compressed()).isFalse();
    Message message = MessageDecoder.decode(encoded.bytes());
    assertThat(ByteBufUtil.getBytes(message.content())).isEqualTo(noise);
    message.release();
  }

  @Test
  void aShortMessageIsSentAsItIs() {
    EncodedMessage encoded = encode(new byte[MessageCompressor.LEAST_BYTES / 2]);
    assertThat(encoded.compressed()).isFalse();
    encoded.bytes().release();
  }

  @Test
  void whatTheReceiverWouldTakeForABombIsSentAsItIs() {
    EncodedMessage encoded = encode(new byte[200_000]);
    assertThat(encoded.compressed()).isFalse();
    encoded.bytes().release();
  }
}
