package io.modelcontrol.fuzz;

import io.modelcontrol.wire.Varint;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;

/** Messages of one field. */
final class Fields {
  private Fields() {}

  static byte[] message(int type, int tag, byte[] value) {
    ByteBuf out = Unpooled.buffer(value.length + 8).writeByte(type).writeByte(tag);
    Varint.write(out, value.length);
    return ByteBufUtil.getBytes(out.writeBytes(value));
  }
}
