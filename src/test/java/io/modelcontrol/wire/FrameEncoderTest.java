package io.modelcontrol.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.modelcontrol.testing.Vectors;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class FrameEncoderTest {
  private final FrameEncoder encoder = new FrameEncoder();

  static List<String> vectors() {
    return Vectors.names("frame-");
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void writesTheHeaderOfEachVector(String name) {
    byte[] vector = Vectors.bytes(name);
    ByteBuf header = Unpooled.buffer();
    encoder.header(
        header,
        vector[5] & 0xFF,
        vector[4] & 0xF,
        Unpooled.wrappedBuffer(vector).getInt(8),
        Unpooled.wrappedBuffer(vector, 16, vector.length - 16));
    assertThat(ByteBufUtil.hexDump(header))
        .isEqualTo(ByteBufUtil.hexDump(Arrays.copyOf(vector, 16)));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3, 4, 15, 16, 17, 255, 256, 257, 4096, 65535})
  void theChecksumIsThatOfTheHeaderAndAnyKindOfPayload(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    ByteBuf heap = Unpooled.wrappedBuffer(bytes);
    ByteBuf direct = Unpooled.directBuffer().writeBytes(bytes);
    ByteBuf composite =
        Unpooled.wrappedBuffer(
            heap.retainedSlice(0, length / 3),
            direct.retainedSlice(length / 3, length - length / 3));
    for (ByteBuf payload : List.of(heap, direct, composite)) {
      ByteBuf header = Unpooled.buffer();
      encoder.header(header, 1, 2, 0x80000001, payload);
      assertThat(header.getInt(12)).isEqualTo(crc(header, bytes));
      assertThat(payload.readableBytes()).isEqualTo(length);
    }
    composite.release();
    direct.release();
  }

  @Test
  void appendsBehindWhatIsThere() {
    ByteBuf out = Unpooled.buffer(4).writeInt(7);
    encoder.header(out, 4, 0, 0, Unpooled.EMPTY_BUFFER);
    assertThat(out.readInt()).isEqualTo(7);
    assertThat(out.readInt()).isEqualTo(FrameHeader.MAGIC);
    assertThat(out.readableBytes()).isEqualTo(12);
  }

  @Test
  void refusesAPayloadThatFitsNoFrame() {
    ByteBuf tooLong = Unpooled.wrappedBuffer(new byte[65536]);
    assertThatThrownBy(() -> encoder.header(Unpooled.buffer(), 1, 0, 1, tooLong))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("length 65536 exceeds max frame payload 65535");
  }

  private static int crc(ByteBuf header, byte[] payload) {
    CRC32 crc = new CRC32();
    crc.update(ByteBufUtil.getBytes(header, 0, 12));
    crc.update(payload);
    return (int) crc.getValue();
  }
}
