package io.modelcontrol.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NegotiationCodecTest {
  @Test
  void allOfItComesBack() {
    Negotiation negotiation =
        new Negotiation(
            0x102,
            0x100,
            Map.of("resume", true, "delta", false),
            Map.of("a", new byte[] {1, 2}, "b", new byte[0]),
            new Limits(1, 2, 3, 4, 5),
            "agent/1");
    assertThat(decode(NegotiationCodec.encode(negotiation))).isEqualTo(negotiation);
  }

  @Test
  void anEmptyOneSaysNothing() {
    Negotiation empty = decode(new byte[0]);
    assertThat(empty).isEqualTo(new Negotiation(0, 0, Map.of(), Map.of(), null, ""));
    assertThat(NegotiationCodec.encode(empty)).isEmpty();
  }

  @Test
  void limitsAboveAnIntAreCut() {
    Negotiation read = decode(HexFormat.of().parseHex("2a06" + "10ffffffff0f"));
    assertThat(read.limits()).isEqualTo(new Limits(0, Integer.MAX_VALUE, 0, 0, 0));
  }

  @ParameterizedTest
  @CsvSource({
    "0a, is no valid protobuf",
    "0a05, is no valid protobuf",
    "0801 0802, has field 1 more than 1 times",
    "2a00 2a00, has field 5 more than 1 times",
    "0b 0c, has a group",
    "3b 3b 3c 3c, has a group",
    "2a02 3b3b, is no valid protobuf",
    "3201 80, is no valid protobuf",
    "3201 0a, has agent with a control character",
    "1203 0a010a, has key with a control character",
  })
  void refuses(String hex, String text) {
    assertRefused(HexFormat.of().parseHex(hex.replace(" ", "")), text);
  }

  @Test
  void refusesMoreBytesThanItNeeds() {
    io.modelcontrol.wire.proto.Negotiation.Builder most =
        builder().putExtensions("a", ByteString.copyFrom(new byte[4096 - 12]));
    assertThat(decode(most.build().toByteArray()).extensions()).containsKey("a");
    most.putExtensions("a", ByteString.copyFrom(new byte[4096]));
    assertRefused(most.build().toByteArray(), "bytes, at most 4096");
  }

  @Test
  void refusesMoreEntriesThanItNeeds() {
    io.modelcontrol.wire.proto.Negotiation.Builder most = builder();
    for (int i = 0; i < 64; i++) {
      most.putCapabilities("c" + i, true).putExtensions("e" + i, ByteString.EMPTY);
    }
    assertThat(decode(most.build().toByteArray()).capabilities()).hasSize(64);
    most.putCapabilities("more", true);
    assertRefused(most.build().toByteArray(), "has field 2 more than 64 times");
  }

  @Test
  void refusesKeysAndAgentsThatAreTooLong() {
    assertRefused(
        builder().putCapabilities("k".repeat(65), true).build().toByteArray(),
        "has key of 65 characters, at most 64");
    assertRefused(
        builder().setAgent("a".repeat(256)).build().toByteArray(),
        "has agent of 256 characters, at most 255");
  }

  @Test
  void skipsSomeUnknownFieldsAndRefusesMany() {
    byte[] unknown = new byte[2 * 32];
    for (int i = 0; i < unknown.length; i += 2) {
      unknown[i] = 0x78;
    }
    assertThat(decode(unknown).version()).isZero();
    byte[] more = Arrays.copyOf(unknown, unknown.length + 2);
    more[unknown.length] = 0x78;
    assertRefused(more, "more than 32 times");
  }

  private static io.modelcontrol.wire.proto.Negotiation.Builder builder() {
    return io.modelcontrol.wire.proto.Negotiation.newBuilder();
  }

  private static Negotiation decode(byte[] bytes) {
    ByteBuf in = Unpooled.wrappedBuffer(bytes);
    Negotiation negotiation = NegotiationCodec.decode(in, bytes.length);
    assertThat(in.isReadable()).isFalse();
    return negotiation;
  }

  private static void assertRefused(byte[] bytes, String text) {
    assertThatThrownBy(() -> decode(bytes))
        .isInstanceOfSatisfying(
            McpException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NEGOTIATION_FAILED))
        .hasMessageContaining(text);
  }
}
