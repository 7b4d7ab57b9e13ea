package io.modelcontrol.wire;

import io.modelcontrol.McpException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/** The payload of an ACK: credit in bytes, then what the transport adds. Contract 1 and 2. */
public final class AckFrame {
  private AckFrame() {}

  public static ByteBuf encode(long credit, ByteBufAllocator allocator) {
    ByteBuf payload = allocator.buffer(Varint.size(credit));
    Varint.write(payload, credit);
    return payload;
  }

  /**
   * The credit, read from a payload that stays its owner's.
   *
   * @throws McpException MALFORMED_FRAME, for the session, if it is no varint
   */
  public static long decode(ByteBuf payload) {
    try {
      return Varint.read(payload);
    } catch (McpException e) {
      throw ErrorFields.malformed(e);
    }
  }
}
