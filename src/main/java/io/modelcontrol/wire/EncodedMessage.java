package io.modelcontrol.wire;

import io.netty.buffer.ByteBuf;

/**
 * A message as it travels.
 *
 * @param bytes of the message, or what they were compressed to; owned by whoever has the record
 * @param compressed whether its first frame carries COMPRESSED
 */
public record EncodedMessage(ByteBuf bytes, boolean compressed) {}
