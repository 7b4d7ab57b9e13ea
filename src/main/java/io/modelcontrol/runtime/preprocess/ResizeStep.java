package io.modelcontrol.runtime.preprocess;

/**
 * Resize, in the convention of ONNX Resize with half_pixel coordinates: output pixel x looks at
 * input {@code (x + 0.5) * in / out - 0.5}. Bilinear clamps that to the edge pixels and does not
 * widen its reach when it shrinks (no antialias); nearest takes the pixel below at a tie
 * (round_prefer_floor).
 */
final class ResizeStep implements Step {
  private final int width;
  private final int height;
  private final boolean bilinear;

  ResizeStep(int width, int height, boolean bilinear) {
    this.width = width;
    this.height = height;
    this.bilinear = bilinear;
  }

  @Override
  public Image apply(Image in, WorkBuffers buffers) {
    if (in.width == width && in.height == height) {
      return in;
    }
    Image out = in.resized(height, width, buffers.take(height, width, in.order.channels));
    if (bilinear) {
      interpolate(in, out);
    } else {
      pick(in, out);
    }
    return out;
  }

  private void pick(Image in, Image out) {
    int channels = in.order.channels;
    int[] from = new int[width];
    for (int x = 0; x < width; x++) {
      from[x] = nearest(x, in.width, width) * channels;
    }
    float[] row = new float[in.rowLength()];
    int loaded = -1;
    int at = 0;
    for (int y = 0; y < height; y++) {
      int source = nearest(y, in.height, height);
      if (source != loaded) {
        in.readRow(source, row, 0);
        loaded = source;
      }
      for (int x = 0; x < width; x++) {
        for (int c = 0; c < channels; c++) {
          out.values()[at++] = row[from[x] + c];
        }
      }
    }
  }

  /** The ceiling of {@code (x + 0.5) * in / out - 1}, in whole numbers. */
  private static int nearest(int x, int in, int out) {
    return (int) (((2L * x + 1) * in - 1) / (2L * out));
  }

  private void interpolate(Image in, Image out) {
    Taps columns = new Taps(in.width, width);
    Taps rows = new Taps(in.height, height);
    RowCache cache = new RowCache(in, columns);
    int length = out.rowLength();
    for (int y = 0; y < height; y++) {
      cache.load(rows.first[y], rows.second[y]);
      int at = y * length;
      mix(cache.upper, cache.lower, rows.weight[y], out.values(), at, length);
      Rounding.settle(out.type, out.values(), at, at + length);
    }
  }

  private static void mix(float[] a, float[] b, float weight, float[] out, int at, int length) {
    for (int i = 0; i < length; i++) {
      out[at + i] = a[i] + (b[i] - a[i]) * weight;
    }
  }

  /** For each output position the two input positions that it lies between, and how far. */
  private static final class Taps {
    private final int[] first;
    private final int[] second;
    private final float[] weight;

    private Taps(int in, int out) {
      first = new int[out];
      second = new int[out];
      weight = new float[out];
      double scale = (double) in / out;
      for (int i = 0; i < out; i++) {
        double position = Math.max(0, Math.min(in - 1, (i + 0.5) * scale - 0.5));
        first[i] = (int) position;
        second[i] = Math.min(first[i] + 1, in - 1);
        weight[i] = (float) (position - first[i]);
      }
    }
  }

  /** The two rows of the input that are needed, already stretched to the width of the output. */
  private static final class RowCache {
    private final Image in;
    private final Taps columns;
    private final float[] raw;
    private float[] upper;
    private float[] lower;
    private int upperRow = -1;
    private int lowerRow = -1;

    private RowCache(Image in, Taps columns) {
      this.in = in;
      this.columns = columns;
      raw = new float[in.rowLength()];
      upper = new float[columns.first.length * in.order.channels];
      lower = new float[upper.length];
    }

    private void load(int first, int second) {
      if (first == lowerRow) {
        float[] swap = upper;
        upper = lower;
        lower = swap;
        lowerRow = upperRow;
        upperRow = first;
      }
      if (first != upperRow) {
        stretch(first, upper);
        upperRow = first;
      }
      if (second != lowerRow) {
        stretch(second, lower);
        lowerRow = second;
      }
    }

    private void stretch(int row, float[] target) {
      in.readRow(row, raw, 0);
      int channels = in.order.channels;
      int at = 0;
      for (int x = 0; x < columns.first.length; x++) {
        int left = columns.first[x] * channels;
        int right = columns.second[x] * channels;
        float weight = columns.weight[x];
        for (int c = 0; c < channels; c++) {
          target[at++] = raw[left + c] + (raw[right + c] - raw[left + c]) * weight;
        }
      }
    }
  }
}
