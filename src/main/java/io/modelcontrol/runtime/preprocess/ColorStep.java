package io.modelcontrol.runtime.preprocess;

/**
 * Color: the order or number of channels. Gray is the luma of ITU-R BT.601, {@code 0.299 R + 0.587
 * G + 0.114 B}; from gray, all channels are the gray value; an alpha channel is dropped.
 */
final class ColorStep implements Step {
  private static final double RED = 0.299;
  private static final double GREEN = 0.587;
  private static final double BLUE = 0.114;

  private final ColorOrder to;

  ColorStep(ColorOrder to) {
    this.to = to;
  }

  @Override
  public int channelsAfter(int channels) {
    return to.channels;
  }

  @Override
  public Image apply(Image in, WorkBuffers buffers) {
    if (in.order == to) {
      return in;
    }
    Image out = in.recolored(to, buffers.take(in.height, in.width, to.channels));
    float[] row = new float[in.rowLength()];
    int length = out.rowLength();
    for (int y = 0; y < in.height; y++) {
      in.readRow(y, row, 0);
      convert(in, row, out.values(), y * length);
      Rounding.settle(out.type, out.values(), y * length, (y + 1) * length);
    }
    return out;
  }

  private void convert(Image in, float[] row, float[] target, int offset) {
    if (to == ColorOrder.GRAY) {
      toGray(in.order, row, target, offset);
    } else if (in.order == ColorOrder.GRAY) {
      fromGray(row, target, offset);
    } else {
      reorder(in.order, row, target, offset);
    }
  }

  private static void toGray(ColorOrder order, float[] row, float[] target, int offset) {
    int red = order.red();
    int blue = order.blue();
    int at = offset;
    for (int i = 0; i < row.length; i += order.channels) {
      target[at++] = (float) (RED * row[i + red] + GREEN * row[i + 1] + BLUE * row[i + blue]);
    }
  }

  private static void fromGray(float[] row, float[] target, int offset) {
    int at = offset;
    for (float gray : row) {
      target[at++] = gray;
      target[at++] = gray;
      target[at++] = gray;
    }
  }

  private void reorder(ColorOrder order, float[] row, float[] target, int offset) {
    int at = offset;
    for (int i = 0; i < row.length; i += order.channels) {
      target[at + to.red()] = row[i + order.red()];
      target[at + 1] = row[i + 1];
      target[at + to.blue()] = row[i + order.blue()];
      at += to.channels;
    }
  }
}
