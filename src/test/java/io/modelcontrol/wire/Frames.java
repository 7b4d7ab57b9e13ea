package io.modelcontrol.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;

/** A listener that writes down what it gets, and ways to make frames. */
final class Frames implements FrameListener {
  /** One frame, as text that tests compare. */
  final List<String> seen = new ArrayList<>();

  @Override
  public void onFrame(FrameType type, int flags, int streamId, ByteBuf payload) {
    seen.add(
        type
            + " "
            + flags
            + " "
            + Integer.toUnsignedString(streamId)
            + " "
            + ByteBufUtil.hexDump(payload));
    payload.release();
  }

  @Override
  public void onExtension(int type) {
    seen.add("extension " + type);
  }

  static byte[] frame(int type, int flags, int streamId, byte... payload) {
    ByteBuf out = Unpooled.buffer();
    ByteBuf body = Unpooled.wrappedBuffer(payload);
    new FrameEncoder().header(out, type, flags, streamId, body);
    out.writeBytes(body);
    return ByteBufUtil.getBytes(out);
  }

  static byte[] join(byte[]... parts) {
    return ByteBufUtil.getBytes(Unpooled.wrappedBuffer(parts));
  }
}
