package io.modelcontrol.runtime.preprocess;

import io.modelcontrol.DataType;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import java.util.Arrays;

/** The steps that change each value by itself: Invert, Scale, Normalize, Cast. */
final class ValueStep implements Step {
  /** Changes the values of one row in place. */
  @FunctionalInterface
  private interface RowFunction {
    void apply(float[] values, int from, int to);
  }

  private final RowFunction function;
  private final DataType resultType;
  private final int channels;

  /**
   * @param resultType {@code null} keeps the image's
   * @param channels those that the step needs; 1 takes any
   */
  private ValueStep(RowFunction function, DataType resultType, int channels) {
    this.function = function;
    this.resultType = resultType;
    this.channels = channels;
  }

  static ValueStep invert() {
    return new ValueStep(
        (values, from, to) -> {
          for (int i = from; i < to; i++) {
            values[i] = 255 - values[i];
          }
        },
        null,
        1);
  }

  static ValueStep scale(double factor) {
    return new ValueStep(
        (values, from, to) -> {
          for (int i = from; i < to; i++) {
            values[i] = (float) (values[i] * factor);
          }
        },
        DataType.FLOAT,
        1);
  }

  /** Each list has one value, or one for each channel. */
  static ValueStep normalize(double[] mean, double[] deviation) {
    int channels = Math.max(mean.length, deviation.length);
    double[] means = spread(mean, channels);
    double[] deviations = spread(deviation, channels);
    return new ValueStep(
        (values, from, to) -> {
          int channel = 0;
          for (int i = from; i < to; i++) {
            values[i] = (float) ((values[i] - means[channel]) / deviations[channel]);
            channel = channel + 1 == channels ? 0 : channel + 1;
          }
        },
        DataType.FLOAT,
        channels);
  }

  static ValueStep cast(DataType type) {
    return new ValueStep((values, from, to) -> {}, type, 1);
  }

  private static double[] spread(double[] values, int length) {
    double[] spread = values.clone();
    if (values.length == 1 && length > 1) {
      spread = new double[length];
      Arrays.fill(spread, values[0]);
    }
    return spread;
  }

  @Override
  public int channelsAfter(int before) {
    if (before != 0 && channels != 1 && channels != before) {
      throw McpException.streamError(ErrorCode.INVALID_ARGUMENT, mismatch(before));
    }
    return channels == 1 ? before : channels;
  }

  @Override
  public Image apply(Image in, WorkBuffers buffers) {
    if (channels != 1 && channels != in.order.channels) {
      throw McpException.streamError(ErrorCode.INVALID_TENSOR, mismatch(in.order.channels));
    }
    float[] target = buffers.take(in.height, in.width, in.order.channels);
    Image out = in.retyped(resultType == null ? in.type : resultType, target);
    int length = in.rowLength();
    for (int y = 0; y < in.height; y++) {
      int at = y * length;
      in.readRow(y, target, at);
      function.apply(target, at, at + length);
      Rounding.settle(out.type, target, at, at + length);
    }
    return out;
  }

  private String mismatch(int actual) {
    return "preprocess step Normalize has mean and std for "
        + channels
        + " channels, the image has "
        + actual
        + " there";
  }
}
