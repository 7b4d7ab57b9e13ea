package io.modelcontrol.runtime.preprocess;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;

/** Two buffers in turn: a step reads the one that the step before wrote, and writes the other. */
final class WorkBuffers {
  private final float[][] buffers = new float[2][0];
  private int next;

  /**
   * A buffer for an image of these measures.
   *
   * @throws McpException INVALID_TENSOR if it is larger than a chain may use
   */
  float[] take(int height, int width, int channels) {
    long elements = (long) height * width * channels;
    if (elements > Image.MAX_ELEMENTS) {
      throw McpException.streamError(
          ErrorCode.INVALID_TENSOR,
          "preprocessing needs an image of "
              + height
              + " x "
              + width
              + " x "
              + channels
              + " elements, at most "
              + Image.MAX_ELEMENTS);
    }
    int mine = next;
    next ^= 1;
    if (buffers[mine].length < elements) {
      buffers[mine] = new float[(int) elements];
    }
    return buffers[mine];
  }
}
