package io.modelcontrol.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.modelcontrol.DataType;
import io.modelcontrol.Tensor;
import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import org.junit.jupiter.api.Test;

class MessageEncoderTest {
  private static final UnpooledByteBufAllocator DIRECT_ALLOCATOR =
      new UnpooledByteBufAllocator(true);

  private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false);

  @Test
  void largeTensorsAreReferredToAndSmallOnesCopied() {
    ByteBuf large = allocator.buffer(16_384).writeZero(16_384);
    ByteBuf small = allocator.buffer(4).writeInt(1);
    ByteBuf bytes =
        MessageEncoder.encode(
            Message.of(MessageType.INFERENCE_REQ)
                .modelName("m")
                .tensor(Tensor.of("a", DataType.FLOAT, new long[] {4096}, large))
                .tensor(Tensor.of("b", DataType.FLOAT, new long[] {1}, small)),
            allocator);
    assertThat(bytes).isInstanceOf(CompositeByteBuf.class);
    assertThat(((CompositeByteBuf) bytes).numComponents()).isEqualTo(3);
    assertThat(large.refCnt()).isEqualTo(1);
    assertThat(small.refCnt()).isZero();
    large.setByte(100, 42);
    Message read = MessageDecoder.decode(bytes);
    assertThat(read.tensors().get(0).data().getByte(100)).isEqualTo((byte) 42);
    assertThat(read.tensors().get(1).toByteArray()).containsExactly(0, 0, 0, 1);
    read.release();
    assertNothingIsHeld();
  }

  @Test
  void aSmallMessageIsOneBufferOfItsSize() {
    ByteBuf bytes =
        MessageEncoder.encode(
            Message.of(MessageType.INFERENCE_REQ)
                .modelName("m\u00FC")
                .parameter("k\u00E4y", "\uD83D\uDE00")
                .tensor(Tensor.of("x", new float[] {1, 2})),
            allocator);
    assertThat(bytes).isNotInstanceOf(CompositeByteBuf.class);
    assertThat(bytes.capacity()).isEqualTo(bytes.readableBytes());
    Message read = MessageDecoder.decode(bytes);
    assertThat(read.modelName()).isEqualTo("m\u00FC");
    assertThat(read.parameters()).containsEntry("k\u00E4y", "\uD83D\uDE00");
    read.release();
    assertNothingIsHeld();
  }

  @Test
  void aSocketNeedNotCopyAMessageOfDirectMemory() {
    ByteBuf content = allocator.directBuffer(20_000).writeZero(20_000);
    ByteBuf bytes =
        MessageEncoder.encode(
            Message.of(MessageType.MODEL_LOAD_REQ).content(content), DIRECT_ALLOCATOR);
    assertThat(bytes.isDirect()).isTrue();
    bytes.release();
    assertNothingIsHeld();
  }

  @Test
  void contentPassesIntoTheResult() {
    ByteBuf content = allocator.buffer(20_000).writeZero(20_000);
    ByteBuf bytes =
        MessageEncoder.encode(
            Message.of(MessageType.MODEL_LOAD_REQ).contentOffset(70000).content(content),
            allocator);
    assertThat(content.refCnt()).isEqualTo(1);
    Message read = MessageDecoder.decode(bytes);
    assertThat(read.contentOffset()).isEqualTo(70000);
    assertThat(read.content().readableBytes()).isEqualTo(20_000);
    read.release();
    assertNothingIsHeld();
  }

  @Test
  void aFailureGivesUpWhatTheMessageOwned() {
    ByteBuf content = allocator.buffer(5000).writeZero(5000);
    Message message = Message.of(MessageType.MODEL_LOAD_REQ).content(content);
    assertThatThrownBy(() -> MessageEncoder.encode(message, new ExhaustedAllocator()))
        .isInstanceOf(OutOfMemoryError.class);
    assertThat(content.refCnt()).isZero();
    assertNothingIsHeld();
  }

  @Test
  void tensorsThatShareABufferAreAllWritten() {
    ByteBuf shared = allocator.buffer(16_384).writeZero(16_384);
    Message message = Message.of(MessageType.INFERENCE_RESULT);
    for (int i = 0; i < 100; i++) {
      message.tensor(
          Tensor.of("t" + i, DataType.UINT8, new long[] {16_384}, shared.retainedDuplicate()));
    }
    shared.release();
    Message read = MessageDecoder.decode(MessageEncoder.encode(message, allocator));
    assertThat(read.tensors()).hasSize(100).allMatch(t -> t.byteLength() == 16_384);
    read.release();
    assertThat(shared.refCnt()).isZero();
    assertNothingIsHeld();
  }

  private void assertNothingIsHeld() {
    assertThat(allocator.metric().usedHeapMemory()).isZero();
    assertThat(allocator.metric().usedDirectMemory()).isZero();
  }

  private static final class ExhaustedAllocator extends AbstractByteBufAllocator {
    @Override
    protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
      throw new OutOfMemoryError("planted");
    }

    @Override
    protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
      throw new OutOfMemoryError("planted");
    }

    @Override
    public boolean isDirectBufferPooled() {
      return false;
    }
  }
}
