package io.modelcontrol.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.modelcontrol.DataType;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.Tensor;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageType;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Pieces become one tensor, or an error that names what is wrong; nothing is left behind. */
class ShardedInputTest {
  private static final long MAX_BYTES = 1 << 20;

  private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false);
  private final List<ByteBuf> given = new ArrayList<>();

  @AfterEach
  void everythingIsGivenBack() {
    assertThat(given).allMatch(data -> data.capacity() == 0 || data.refCnt() == 0);
    assertThat(allocator.metric().usedHeapMemory()).isZero();
  }

  @Test
  void putsThePiecesTogether() {
    ShardedInput input = open(first("2,3").chunkIndex(0));
    input.add(piece(1, 2).chunkIndex(1));
    input.add(piece(3).chunkIndex(2));
    input.add(piece(4, 5, 6).chunkIndex(3));
    Message whole = input.assembled();
    Tensor tensor = whole.tensors().get(0);
    assertThat(whole.standardType()).isEqualTo(MessageType.INFERENCE_REQ);
    assertThat(tensor.name()).isEqualTo("x");
    assertThat(tensor.shape()).containsExactly(2, 3);
    assertThat(tensor.toFloats()).containsExactly(1, 2, 3, 4, 5, 6);
    whole.release();
  }

  @Test
  void keepsTheFieldsOfTheRequestAndDropsThoseOfThePieces() {
    byte[] id = new byte[16];
    Message first =
        first("1")
            .modelVersion("7")
            .requestId(id)
            .timeoutMs(5)
            .traceparent("00-1-2-01")
            .requestedOutput("y")
            .parameter("k", "v");
    ShardedInput input = open(first);
    input.add(piece(1));
    Message whole = input.assembled();
    assertThat(whole.modelName()).isEqualTo("m");
    assertThat(whole.modelVersion()).isEqualTo("7");
    assertThat(whole.requestId()).isSameAs(id);
    assertThat(whole.timeoutMs()).isEqualTo(5);
    assertThat(whole.traceparent()).isEqualTo("00-1-2-01");
    assertThat(whole.requestedOutputs()).containsExactly("y");
    assertThat(whole.parameters()).containsOnlyKeys("k");
    whole.release();
  }

  @Test
  void takesWholeTensorsAndPiecesOfTheFirstMessage() {
    ShardedInput input =
        open(first("2").tensor(floats("small", 9)).tensor(floats("x", 1)).chunkIndex(0));
    input.add(piece(2));
    Message whole = input.assembled();
    assertThat(whole.tensors()).extracting(Tensor::name).containsExactly("small", "x");
    assertThat(whole.tensors().get(1).toFloats()).containsExactly(1, 2);
    whole.release();
  }

  @ParameterizedTest
  @EnumSource(DataType.class)
  void cutsAnyTypeAnywhereBetweenBytes(DataType type) {
    if (!type.isFixedSize()) {
      return;
    }
    long seed = System.nanoTime();
    Random random = new Random(seed);
    int elements = 1 + random.nextInt(50_000);
    byte[] bytes = new byte[(int) type.byteLength(elements)];
    random.nextBytes(bytes);
    ShardedInput input = open(first(Integer.toString(elements)));
    int perByte = Math.max(1, Byte.SIZE / type.bits());
    for (int at = 0; at < elements; ) {
      int count = Math.min(elements - at, perByte * (1 + random.nextInt(1 + elements / perByte)));
      int from = (int) type.byteLength(at);
      ByteBuf data = Unpooled.copiedBuffer(bytes, from, (int) type.byteLength(count));
      given.add(data);
      input.add(message().tensor(Tensor.of("x", type, new long[] {count}, data)));
      at += count;
    }
    Message whole = input.assembled();
    assertThat(whole.tensors().get(0).toByteArray()).as("seed %d", seed).isEqualTo(bytes);
    whole.release();
  }

  @Test
  void anAnnouncementAloneAllocatesNothing() {
    ShardedInput input = open(first("500000000"));
    assertThat(allocator.metric().usedHeapMemory()).isZero();
    input.add(piece(1));
    assertThat(allocator.metric().usedHeapMemory()).isLessThanOrEqualTo(64 * 1024);
    input.release();
  }

  @Test
  void holdsAtMostTwiceWhatHasCome() {
    ShardedInput input = open(first("500000000"));
    for (int i = 0; i < 15; i++) {
      input.add(piece(new float[16 * 1024]));
      assertThat(allocator.metric().usedHeapMemory()).isLessThanOrEqualTo(2 * input.bytes());
    }
    input.release();
  }

  @Test
  void refusesMoreThanTheShapeHas() {
    refuses(first("3"), ErrorCode.INVALID_TENSOR, "3 elements", piece(1, 2), piece(3, 4));
  }

  @Test
  void refusesLessThanTheShapeHas() {
    ShardedInput input = open(first("3"));
    input.add(piece(1, 2));
    assertThat(catchThrowableOfType(McpException.class, input::assembled))
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_TENSOR))
        .hasMessageContaining("3 elements, the pieces have 2");
    input.release();
  }

  @Test
  void refusesAnotherTypeThanThatOfTheFirstPiece() {
    Message ints = message().tensor(Tensor.of("x", new int[] {1}));
    refuses(first("3"), ErrorCode.INVALID_TENSOR, "FLOAT, this one is INT32", piece(1), ints);
  }

  @Test
  void refusesAPieceThatIsNoRow() {
    Message matrix = message().tensor(Tensor.of("x", new float[] {1, 2}, 1, 2));
    refuses(first("3"), ErrorCode.INVALID_TENSOR, "rank 2", matrix);
  }

  @Test
  void refusesStringsInPieces() {
    Message words = message().tensor(Tensor.of("x", new String[] {"a"}));
    refuses(first("3"), ErrorCode.INVALID_TENSOR, "STRING", words);
  }

  @Test
  void refusesAPieceOutOfOrder() {
    refuses(
        first("3").chunkIndex(0),
        ErrorCode.INVALID_ARGUMENT,
        "chunk index 1 was expected, came 2",
        piece(1).chunkIndex(2));
  }

  @Test
  void refusesATensorThatWasNotAnnounced() {
    Message other = message().tensor(floats("other", 1));
    refuses(first("3"), ErrorCode.INVALID_TENSOR, "'other'", other);
  }

  @Test
  void refusesMoreBytesThanAllowed() {
    Message large = piece(new float[(int) MAX_BYTES / 4]);
    refuses(first("1000000"), ErrorCode.MESSAGE_TOO_LARGE, "1048576 bytes", large, piece(1));
  }

  @Test
  void refusesAPieceThatGoesOnWithinAByte() {
    ByteBuf odd = Unpooled.copiedBuffer(new byte[] {1});
    ByteBuf next = Unpooled.copiedBuffer(new byte[] {1});
    refuses(
        first("2"),
        ErrorCode.INVALID_TENSOR,
        "within a byte",
        message().tensor(Tensor.of("x", DataType.INT4, new long[] {1}, odd)),
        message().tensor(Tensor.of("x", DataType.INT4, new long[] {1}, next)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "1,", ",", "1,,2", "-1", "1 2", "9223372036854775807,3"})
  void refusesWhatIsNoShape(String shape) {
    Message first = first(shape);
    assertThat(catchThrowableOfType(McpException.class, () -> create(first)).code())
        .isIn(ErrorCode.INVALID_ARGUMENT, ErrorCode.INVALID_TENSOR);
  }

  @Test
  void refusesAFirstMessageWithoutAnyShape() {
    assertThat(catchThrowableOfType(McpException.class, () -> create(message().modelName("m"))))
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
        .hasMessageContaining("shape:NAME");
  }

  @Test
  void aTensorWithoutElementsNeedsAnEmptyPiece() {
    ShardedInput input = open(first("0,3"));
    input.add(piece());
    Message whole = input.assembled();
    assertThat(whole.tensors().get(0).shape()).containsExactly(0, 3);
    whole.release();
  }

  /** All but the last message are taken. */
  private void refuses(Message first, ErrorCode code, String text, Message... messages) {
    ShardedInput input = open(first);
    for (int i = 0; i < messages.length - 1; i++) {
      input.add(messages[i]);
    }
    Message last = messages[messages.length - 1];
    assertThat(catchThrowableOfType(McpException.class, () -> input.add(last)))
        .satisfies(e -> assertThat(e.code()).isEqualTo(code))
        .hasMessageContaining(text);
    input.release();
  }

  private ShardedInput open(Message first) {
    ShardedInput input = create(first);
    input.add(first);
    return input;
  }

  private ShardedInput create(Message first) {
    ByteBufAllocator heap = allocator;
    return new ShardedInput(first, heap, MAX_BYTES);
  }

  private Message first(String shape) {
    return message().modelName("m").parameter("mode", "shards").parameter("shape:x", shape);
  }

  private Message piece(float... values) {
    return message().tensor(floats("x", values));
  }

  private static Message message() {
    return Message.of(MessageType.INFERENCE_STREAM);
  }

  private Tensor floats(String name, float... values) {
    Tensor tensor = Tensor.of(name, values, values.length);
    given.add(tensor.data());
    return tensor;
  }
}
