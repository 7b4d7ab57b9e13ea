package io.modelcontrol.runtime;

import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageDecoder;
import io.modelcontrol.wire.MessageEncoder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.EventBus;
import io.vertx.core.eventbus.MessageCodec;

/** Carries messages on the event bus: as they are within a process, as wire bytes between two. */
final class MessageBusCodec implements MessageCodec<Message, Message> {
  static final String NAME = "mcp.message";

  private static final byte USER_CODEC = -1;

  private MessageBusCodec() {}

  /** Registers the codec, once for each event bus. */
  static void register(EventBus bus) {
    try {
      bus.registerCodec(new MessageBusCodec());
    } catch (IllegalStateException alreadyRegistered) {
      assert alreadyRegistered.getMessage() != null;
    }
  }

  @Override
  public void encodeToWire(Buffer buffer, Message message) {
    ByteBuf bytes = MessageEncoder.encode(message, ByteBufAllocator.DEFAULT);
    try {
      int length = bytes.readableBytes();
      buffer.appendInt(length);
      for (java.nio.ByteBuffer part : bytes.nioBuffers()) {
        byte[] copy = new byte[part.remaining()];
        part.get(copy);
        buffer.appendBytes(copy);
      }
    } finally {
      bytes.release();
    }
  }

  @Override
  public Message decodeFromWire(int position, Buffer buffer) {
    int length = buffer.getInt(position);
    int start = position + Integer.BYTES;
    return MessageDecoder.decode(Unpooled.wrappedBuffer(buffer.getBytes(start, start + length)));
  }

  @Override
  public Message transform(Message message) {
    return message;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public byte systemCodecID() {
    return USER_CODEC;
  }
}
