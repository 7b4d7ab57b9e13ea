package io.modelcontrol.runtime.preprocess;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;

/**
 * CenterCrop: the middle of the image; where a margin is odd, its larger half is right and below.
 */
final class CropStep implements Step {
  private final int width;
  private final int height;

  CropStep(int width, int height) {
    this.width = width;
    this.height = height;
  }

  @Override
  public Image apply(Image in, WorkBuffers buffers) {
    if (in.width < width || in.height < height) {
      throw McpException.streamError(
          ErrorCode.INVALID_TENSOR,
          "an image of width "
              + in.width
              + " and height "
              + in.height
              + " is too small to crop "
              + width
              + " by "
              + height
              + " from it");
    }
    int channels = in.order.channels;
    Image out = in.resized(height, width, buffers.take(height, width, channels));
    int left = (in.width - width) / 2 * channels;
    int top = (in.height - height) / 2;
    float[] row = new float[in.rowLength()];
    int length = out.rowLength();
    for (int y = 0; y < height; y++) {
      in.readRow(top + y, row, 0);
      System.arraycopy(row, left, out.values(), y * length, length);
    }
    return out;
  }
}
