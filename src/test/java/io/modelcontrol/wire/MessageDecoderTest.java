package io.modelcontrol.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a message may not be. Each line: the bytes, the code, a part of the text. */
class MessageDecoderTest {
  @ParameterizedTest
  @CsvSource({
    "'', MALFORMED_MESSAGE, a message has no type",
    "00, UNSUPPORTED_MESSAGE, unknown message type 0x00",
    "0d, UNSUPPORTED_MESSAGE, unknown message type 0x0D",
    "7f, UNSUPPORTED_MESSAGE, unknown message type 0x7F",
    "0c 05, MALFORMED_MESSAGE, a varint is cut off",
    "0c 06 05 61, MALFORMED_MESSAGE, 'field 0x06 announces 5 bytes, 1 are left'",
    "0c 06 ffffffffffffffff7f 61, MALFORMED_MESSAGE, 'announces 9223372036854775807 bytes'",
    "0c 05 01 00 05 01 00, MALFORMED_MESSAGE, status (0x05) is repeated",
    "0c 80 00, UNSUPPORTED_FIELD, unknown critical field 0x80",
    "0c ff 01 00, UNSUPPORTED_FIELD, unknown critical field 0xFF",
    "09 01 0f 000102030405060708090a0b0c0d0e, MALFORMED_MESSAGE, 'has 15 bytes, must have 16'",
    "09 12 01 00, MALFORMED_MESSAGE, 'has 1 bytes, must have 32'",
    "0a 22 00, MALFORMED_MESSAGE, 'sequence id (0x22) has 0 bytes, must have 16'",
    "0c 07 01 00, MALFORMED_MESSAGE, 'error level (0x07) is 1 to 3, came 0'",
    "0c 07 01 04, MALFORMED_MESSAGE, 'error level (0x07) is 1 to 3, came 4'",
    "0c 07 02 0101, MALFORMED_MESSAGE, 'has 2 bytes, must have 1'",
    "09 04 01 80, MALFORMED_MESSAGE, a varint is cut off",
    "09 04 02 0000, MALFORMED_MESSAGE, timeout (0x04) has bytes behind its varint",
    "09 04 00, MALFORMED_MESSAGE, a varint is cut off",
    "0c 05 05 ffffffff7f, MALFORMED_MESSAGE, exceeds 31 bits",
    "09 10 00, INVALID_ARGUMENT, 'model name (0x10) has 0 bytes, must have 1 to 255'",
    "09 10 02 c080, INVALID_ARGUMENT, model name (0x10) is not UTF-8",
    "09 10 03 eda080, INVALID_ARGUMENT, model name (0x10) is not UTF-8",
    "09 10 04 f4908080, INVALID_ARGUMENT, model name (0x10) is not UTF-8",
    "09 10 02 6100, INVALID_ARGUMENT, model name (0x10) has a control character",
    "09 10 02 610a, INVALID_ARGUMENT, model name (0x10) has a control character",
    "09 10 02 c285, INVALID_ARGUMENT, model name (0x10) has a control character",
    "09 10 03 e280ae, INVALID_ARGUMENT, model name (0x10) has a control character",
    "03 09 02 c3bc, INVALID_ARGUMENT, auth method (0x09) is not ASCII",
    "05 14 00, MALFORMED_MESSAGE, a varint is cut off",
    "05 14 02 0261, MALFORMED_MESSAGE, parameter (0x14) has a key that exceeds it",
    "05 14 02 0041, INVALID_ARGUMENT, the key of a parameter (0x14) has 0 bytes",
    "05 14 02 0161 14 03 016162, MALFORMED_MESSAGE, parameter (0x14) 'a' is repeated",
    "05 14 04 0161 c080, INVALID_ARGUMENT, parameter (0x14) is not UTF-8",
    "01 08 02 0a05, NEGOTIATION_FAILED, the negotiation is no valid protobuf",
    "08 13 02 0a05, MALFORMED_MESSAGE, the model descriptor is no valid protobuf",
    "08 13 00, INVALID_ARGUMENT, model name is missing",
  })
  void refuses(String hex, ErrorCode code, String text) {
    assertRefused(HexFormat.of().parseHex(hex.replace(" ", "")), code, text);
  }

  @Test
  void refusesANameThatIsTooLong() {
    byte[] bytes = new byte[4 + 256];
    bytes[0] = 0x09;
    bytes[1] = 0x10;
    bytes[2] = (byte) 0x80;
    bytes[3] = 0x02;
    Arrays.fill(bytes, 4, bytes.length, (byte) 'a');
    assertRefused(bytes, ErrorCode.INVALID_ARGUMENT, "has 256 bytes, must have 1 to 255");
  }

  @Test
  void refusesMoreFieldsThanAnyMessageNeeds() {
    byte[] most = new byte[1 + 2 * 1024];
    most[0] = 0x0C;
    for (int i = 1; i < most.length; i += 2) {
      most[i] = 0x7F;
    }
    assertThat(decode(most).type()).isEqualTo(0x0C);
    byte[] more = Arrays.copyOf(most, most.length + 2);
    more[most.length] = 0x7F;
    assertRefused(more, ErrorCode.MALFORMED_MESSAGE, "more than 1024 fields");
  }

  @ParameterizedTest
  @ValueSource(ints = {0x80, 0xC3, 0xFF})
  void readsMessagesOfTheApplication(int type) {
    Message message = decode(new byte[] {(byte) type});
    assertThat(message.type()).isEqualTo(type);
    assertThat(message.standardType()).isNull();
  }

  @Test
  void readsFieldsInAnyOrderAndSkipsUnknownOnes() {
    Message message = decode(HexFormat.of().parseHex("09" + "0402f403" + "7f0100" + "100161"));
    assertThat(message.timeoutMs()).isEqualTo(500);
    assertThat(message.modelName()).isEqualTo("a");
  }

  @Test
  void keepsAStatusThatItDoesNotKnow() {
    Message message = decode(HexFormat.of().parseHex("0c" + "0502fe03"));
    assertThat(message.statusCode()).isEqualTo(0x01FE);
    assertThat(message.status()).isEqualTo(ErrorCode.PROTOCOL_ERROR);
  }

  @Test
  void showsControlCharactersOfAStatusTextAsSpaces() {
    Message message = decode(HexFormat.of().parseHex("0c" + "0604" + "610a1b62"));
    assertThat(message.statusText()).isEqualTo("a  b");
  }

  @Test
  void contentIsASliceThatKeepsTheBytesAlive() {
    byte[] bytes = new byte[3 + 100];
    bytes[0] = 0x05;
    bytes[1] = 0x15;
    bytes[2] = 100;
    ByteBuf in = Unpooled.directBuffer().writeBytes(bytes);
    Message message = MessageDecoder.decode(in);
    assertThat(message.content().memoryAddress()).isEqualTo(in.memoryAddress() + 3);
    assertThat(in.refCnt()).isEqualTo(1);
    message.retain();
    message.release();
    assertThat(in.refCnt()).isEqualTo(1);
    message.release();
    assertThat(in.refCnt()).isZero();
  }

  private static Message decode(byte[] bytes) {
    return MessageDecoder.decode(Unpooled.wrappedBuffer(bytes));
  }

  private static void assertRefused(byte[] bytes, ErrorCode code, String text) {
    ByteBuf in = Unpooled.buffer().writeBytes(bytes);
    assertThatThrownBy(() -> MessageDecoder.decode(in))
        .isInstanceOfSatisfying(
            McpException.class,
            e -> {
              assertThat(e.code()).isEqualTo(code);
              assertThat(e.scope()).isEqualTo(McpException.Scope.STREAM);
              assertThat(e.getMessage()).contains(text);
            });
    assertThat(in.refCnt()).isZero();
  }
}
