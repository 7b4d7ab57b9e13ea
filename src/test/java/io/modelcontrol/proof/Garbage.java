package io.modelcontrol.proof;

import io.modelcontrol.session.SessionConfig;
import io.modelcontrol.wire.FrameEncoder;
import io.modelcontrol.wire.FrameHeader;
import io.modelcontrol.wire.FrameType;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageEncoder;
import io.modelcontrol.wire.MessageType;
import io.modelcontrol.wire.Negotiation;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;

/** What a port meets: other protocols, noise, and MCP with something wrong in it. */
final class Garbage {
  /**
   * One connection's worth of bytes.
   *
   * @param speaksMcp whether it begins with the magic, so that a GOAWAY may come back
   */
  record Shot(String name, byte[] bytes, boolean speaksMcp) {}

  private static final String TLS_CLIENT_HELLO =
      "16030100a00100009c0303000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
          + "00000213010100007100";

  private final Random random;

  Garbage(Random random) {
    this.random = random;
  }

  /** Something that can be judged as soon as it is there. */
  Shot judgedAtOnce(int index) {
    return switch (index % 8) {
      case 0 -> new Shot("random bytes", noise(4 + random.nextInt(4096)), false);
      case 1 -> new Shot("HTTP", http(), false);
      case 2 -> new Shot("TLS", HexFormat.of().parseHex(TLS_CLIENT_HELLO), false);
      case 3 -> new Shot("wrong checksum", flipped(negotiate(), 16 * 8 + random.nextInt(64)), true);
      case 4 -> new Shot("wrong version", withByte(negotiate(), 4, 0x21), true);
      case 5 -> new Shot("unknown frame type", withByte(negotiate(), 5, 0x7F), true);
      case 6 -> new Shot("PING above its limit", frame(FrameType.PING, 0, new byte[65]), true);
      default -> new Shot("a request first", frame(FrameType.DATA, 1, noise(64)), true);
    };
  }

  /** Something that could still become MCP. */
  byte[] unfinished(int index) {
    byte[] whole = negotiate();
    return switch (index % 4) {
      case 0 -> new byte[0];
      case 1 -> Arrays.copyOf(whole, 1 + random.nextInt(15));
      case 2 -> Arrays.copyOf(whole, 16 + random.nextInt(whole.length - 16));
      default -> withByte(withByte(whole, 6, 0xFF), 7, 0xFF);
    };
  }

  private byte[] noise(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    bytes[0] |= (byte) 0x80;
    return bytes;
  }

  private static byte[] http() {
    return "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] flipped(byte[] bytes, int bit) {
    bytes[bit / 8] ^= (byte) (1 << bit % 8);
    return bytes;
  }

  private static byte[] withByte(byte[] bytes, int index, int value) {
    bytes[index] = (byte) value;
    return bytes;
  }

  private static byte[] negotiate() {
    Negotiation offer =
        new Negotiation(
            SessionConfig.VERSION,
            SessionConfig.VERSION,
            Map.of(),
            Map.of(),
            SessionConfig.DEFAULT_LIMITS,
            "garbage");
    ByteBuf message =
        MessageEncoder.encode(
            Message.of(MessageType.NEGOTIATE_REQ).negotiation(offer),
            UnpooledByteBufAllocator.DEFAULT);
    byte[] bytes = ByteBufUtil.getBytes(message);
    message.release();
    return frame(FrameType.DATA, 0, bytes);
  }

  private static byte[] frame(FrameType type, int streamId, byte[] payload) {
    ByteBuf out = Unpooled.buffer();
    new FrameEncoder()
        .header(out, type.code(), endMessage(type), streamId, Unpooled.wrappedBuffer(payload));
    out.writeBytes(payload);
    return ByteBufUtil.getBytes(out);
  }

  private static int endMessage(FrameType type) {
    return type == FrameType.DATA ? FrameHeader.END_MESSAGE : 0;
  }
}
