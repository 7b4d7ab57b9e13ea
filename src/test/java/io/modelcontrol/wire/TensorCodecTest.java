package io.modelcontrol.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.modelcontrol.DataType;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.Tensor;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class TensorCodecTest {
  @ParameterizedTest
  @EnumSource(DataType.class)
  void everyDataTypeGoesThroughUnchanged(DataType dataType) {
    for (long[] shape : new long[][] {{}, {0}, {1}, {3}, {2, 3, 5}, {1, 300}, {4, 0, 7}}) {
      long elements = Tensor.elements("x", shape);
      Tensor tensor = Tensor.of("x", dataType, shape, data(dataType, elements));
      byte[] bytes = tensor.toByteArray();
      Tensor read = roundTrip(tensor);
      assertThat(read.dataType()).isEqualTo(dataType);
      assertThat(read.shape()).isEqualTo(shape);
      assertThat(read.toByteArray()).isEqualTo(bytes);
      read.release();
    }
  }

  @Test
  void theHighestRankGoesThrough() {
    long[] shape = new long[Tensor.MAX_RANK];
    Arrays.fill(shape, 1);
    Tensor read = roundTrip(Tensor.of("", new float[] {1}, shape));
    assertThat(read.shape()).isEqualTo(shape);
    read.release();
  }

  @ParameterizedTest
  @CsvSource({
    "'', MALFORMED_MESSAGE, 'a tensor has 0 bytes'",
    "01, MALFORMED_MESSAGE, 'a tensor has 1 bytes'",
    "01 00, MALFORMED_MESSAGE, ''",
    "01 01, MALFORMED_MESSAGE, ''",
    "01 01 80, MALFORMED_MESSAGE, ''",
    "01 01 01 05 78, MALFORMED_MESSAGE, name of 5 bytes exceeds the tensor",
    "01 41 01 01 78, INVALID_TENSOR, 'rank 65, at most 64'",
    "00 00 01 78, UNSUPPORTED_DTYPE, tensor 'x' has the unknown data type 0",
    "63 00 01 78, UNSUPPORTED_DTYPE, tensor 'x' has the unknown data type 99",
    "01 00 01 78 000000, INVALID_TENSOR, has 3 bytes of data",
    "01 00 01 78 0000000000, INVALID_TENSOR, has 5 bytes of data",
    "01 01 ffffffffffffffff7f 01 78, INVALID_TENSOR, ''",
    "02 02 80808080808080808001 02 01 78, MALFORMED_MESSAGE, exceeds 63 bits",
    "02 02 8080808010 8080808010 01 78, INVALID_TENSOR, ''",
    "02 02 808080808080808040 04 01 78, INVALID_TENSOR, more elements than can be counted",
    "02 01 00 02 c080, INVALID_ARGUMENT, is not UTF-8",
    "02 01 00 02 6100, INVALID_ARGUMENT, has a control character",
    "09 01 02 01 78 0102, INVALID_TENSOR, BOOL that is neither 0 nor 1",
    "09 01 09 01 78 000000000000000002, INVALID_TENSOR, BOOL that is neither 0 nor 1",
    "09 01 08 01 78 0000000080000000, INVALID_TENSOR, BOOL that is neither 0 nor 1",
    "08 01 01 01 78 02 c080, INVALID_TENSOR, not UTF-8",
    "08 01 02 01 78 01 61, INVALID_TENSOR, 'has 1 strings, its shape needs 2'",
    "15 01 03 01 78 00, INVALID_TENSOR, has 1 bytes of data",
  })
  void refuses(String hex, ErrorCode code, String text) {
    byte[] value = HexFormat.of().parseHex(hex.replace(" ", ""));
    ByteBuf in = Unpooled.buffer().writeByte(0x09).writeByte(0x20);
    Varint.write(in, value.length);
    in.writeBytes(value);
    assertThatThrownBy(() -> MessageDecoder.decode(in))
        .isInstanceOfSatisfying(
            McpException.class, e -> assertThat(e.code()).as(e.getMessage()).isEqualTo(code))
        .hasMessageContaining(text);
    assertThat(in.refCnt()).isZero();
  }

  @Test
  void aHeadMayNotReachIntoTheNextField() {
    ByteBuf in = Unpooled.wrappedBuffer(HexFormat.of().parseHex("09" + "2003010180" + "04020000"));
    assertThatThrownBy(() -> MessageDecoder.decode(in))
        .isInstanceOf(McpException.class)
        .hasMessageContaining("a tensor's head exceeds the tensor");
  }

  private static ByteBuf data(DataType dataType, long elements) {
    ByteBuf data = Unpooled.buffer();
    if (dataType == DataType.STRING) {
      return data.writeZero((int) elements);
    }
    byte[] bytes = new byte[(int) dataType.byteLength(elements)];
    new Random(elements).nextBytes(bytes);
    for (int i = 0; dataType == DataType.BOOL && i < bytes.length; i++) {
      bytes[i] &= 1;
    }
    return data.writeBytes(bytes);
  }

  private static Tensor roundTrip(Tensor tensor) {
    Message message = Message.of(MessageType.INFERENCE_RESULT).tensor(tensor);
    return MessageDecoder.decode(MessageEncoder.encode(message, UnpooledByteBufAllocator.DEFAULT))
        .tensors()
        .get(0);
  }
}
