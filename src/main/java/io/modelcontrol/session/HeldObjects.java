package io.modelcontrol.session;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.netty.buffer.ByteBuf;

/**
 * The messages that a session holds because nobody took them yet. Windows bound their bytes; this
 * bounds what each of them costs besides, which for a message of one byte is most of it.
 */
public final class HeldObjects {
  /** What an object that is held is charged. */
  public static final int OBJECT_BYTES = 96;

  /** What all objects that a session holds may cost. */
  public static final int MAX_BYTES = 8 * 1024 * 1024;

  /** A part of a read buffer that is smaller than this would pin more than it holds. */
  private static final int COPIED_BYTES = 64 * 1024;

  private int objects;

  /**
   * Takes over a message to hold it.
   *
   * @return the message, a copy where that frees more than it costs
   * @throws McpException ENHANCE_YOUR_CALM, for the session, if that is one too many; the message
   *     is released
   */
  public ByteBuf hold(ByteBuf message) {
    if ((objects + 1L) * OBJECT_BYTES > MAX_BYTES) {
      message.release();
      throw McpException.sessionError(
          ErrorCode.ENHANCE_YOUR_CALM, "more than " + objects + " messages wait to be taken");
    }
    objects++;
    if (message.readableBytes() >= COPIED_BYTES) {
      return message;
    }
    try {
      return message.alloc().buffer(message.readableBytes()).writeBytes(message);
    } finally {
      message.release();
    }
  }

  /** A message was taken, or dropped. */
  public void taken() {
    objects--;
  }
}
