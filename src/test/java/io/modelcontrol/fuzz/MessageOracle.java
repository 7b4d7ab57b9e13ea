package io.modelcontrol.fuzz;

import io.modelcontrol.DataType;
import io.modelcontrol.McpException;
import io.modelcontrol.Tensor;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageDecoder;
import io.modelcontrol.wire.MessageEncoder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;

/** What must hold for any bytes that are read as a message. */
final class MessageOracle {
  private MessageOracle() {}

  static void check(byte[] bytes) {
    UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false, true);
    checkTwice(allocator, bytes);
    long held = allocator.metric().usedHeapMemory() + allocator.metric().usedDirectMemory();
    if (held != 0) {
      throw new AssertionError(held + " bytes are still held");
    }
  }

  private static void checkTwice(UnpooledByteBufAllocator allocator, byte[] bytes) {
    Message message = decode(allocator.heapBuffer(bytes.length + 1).writeBytes(bytes));
    if (message == null) {
      return;
    }
    look(message);
    ByteBuf once = MessageEncoder.encode(message, allocator);
    ByteBuf copy = Unpooled.copiedBuffer(once);
    Message again = decode(once);
    if (again == null) {
      throw new AssertionError("what was written is refused: " + ByteBufUtil.hexDump(copy));
    }
    ByteBuf twice = MessageEncoder.encode(again, allocator);
    boolean same = ByteBufUtil.equals(copy, twice);
    twice.release();
    if (!same) {
      throw new AssertionError("written once and twice differ: " + ByteBufUtil.hexDump(copy));
    }
  }

  private static Message decode(ByteBuf in) {
    try {
      return MessageDecoder.decode(in);
    } catch (McpException e) {
      if (e.scope() != McpException.Scope.STREAM || !e.code().isError()) {
        throw new AssertionError("refused with " + e, e);
      }
      return null;
    }
  }

  private static void look(Message message) {
    try {
      message.validate();
    } catch (McpException e) {
      if (e.getMessage().isEmpty()) {
        throw new AssertionError("an error without text", e);
      }
    }
    for (Tensor tensor : message.tensors()) {
      boolean strings = tensor.dataType() == DataType.STRING;
      long elements = strings ? tensor.toStrings().size() : tensor.elements();
      if (elements != tensor.elements()
          || (!strings && tensor.dataType().byteLength(elements) != tensor.byteLength())) {
        throw new AssertionError("the size of " + tensor.name() + " is not that of its shape");
      }
    }
  }
}
