package io.modelcontrol.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VarintTest {
  @ParameterizedTest
  @CsvSource({
    "0, 00",
    "1, 01",
    "127, 7f",
    "128, 8001",
    "300, ac02",
    "16383, ff7f",
    "16384, 808001",
    "2147483647, ffffffff07",
    "9223372036854775807, ffffffffffffffff7f"
  })
  void writesAndReadsTheShortestForm(long value, String hex) {
    ByteBuf out = Unpooled.buffer();
    Varint.write(out, value);
    assertThat(ByteBufUtil.hexDump(out)).isEqualTo(hex);
    assertThat(Varint.size(value)).isEqualTo(out.readableBytes());
    assertThat(Varint.read(out)).isEqualTo(value);
    assertThat(out.isReadable()).isFalse();
  }

  @Test
  void everyPowerOfTwoHasTheSizeThatIsWritten() {
    for (int bit = 0; bit < 63; bit++) {
      ByteBuf out = Unpooled.buffer();
      Varint.write(out, 1L << bit);
      assertThat(Varint.size(1L << bit)).isEqualTo(out.readableBytes());
      assertThat(Varint.read(out)).isEqualTo(1L << bit);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"8000", "808000", "80808080808080808000"})
  void readsLongerFormsThanNeeded(String hex) {
    assertThat(read(hex)).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "80", "ffffffffffffffffff", "ffffffffffffffffff01", "80808080808080808080"})
  void refusesWhatIsCutOffOrExceeds63Bits(String hex) {
    assertThatThrownBy(() -> read(hex))
        .isInstanceOfSatisfying(
            McpException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.MALFORMED_MESSAGE);
              assertThat(e.scope()).isEqualTo(McpException.Scope.STREAM);
            });
  }

  private static long read(String hex) {
    return Varint.read(Unpooled.wrappedBuffer(HexFormat.of().parseHex(hex)));
  }
}
