package io.modelcontrol.runtime.preprocess;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.modelcontrol.DataType;
import io.modelcontrol.PreprocessStep;
import io.modelcontrol.Tensor;
import io.modelcontrol.TensorSpec;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Random images through random chains, against a computation in double that asks pixel by pixel.
 */
class PreprocessPropertyTest {
  private static final double TOLERANCE = 2e-3;

  /** The value of a channel at a pixel. */
  private interface Picture {
    double at(int y, int x, int c);
  }

  private record Model(int height, int width, int channels, boolean planar, Picture picture) {
    Model map(int newChannels, Picture newPicture) {
      return new Model(height, width, newChannels, planar, newPicture);
    }
  }

  @Test
  void agreesWithAnIndependentComputation() {
    long seed = System.nanoTime();
    for (int run = 0; run < 300; run++) {
      compare("seed " + seed + " run " + run, new Random(seed + run));
    }
  }

  private static void compare(String what, Random random) {
    int height = 1 + random.nextInt(12);
    int width = 1 + random.nextInt(12);
    int channels = new int[] {1, 3, 4}[random.nextInt(3)];
    byte[] pixels = new byte[height * width * channels];
    random.nextBytes(pixels);
    Picture source = (y, x, c) -> pixels[(y * width + x) * channels + c] & 0xFF;
    Model expected = new Model(height, width, channels, false, source);
    List<PreprocessStep> steps = new ArrayList<>();
    // As floats from the start: rounding in between is tested by hand.
    steps.add(step("Cast", "dtype", "FLOAT"));
    boolean[] bgr = {false};
    for (int i = random.nextInt(6); i > 0; i--) {
      expected = add(random, steps, expected, bgr);
    }
    Tensor image =
        Tensor.of("i", DataType.UINT8, new long[] {height, width, channels}, data(pixels));
    check(what + " " + PreprocessSteps.format(steps), steps, image, expected);
  }

  /** Now and then composite, as a message that arrived in pieces. */
  private static ByteBuf data(byte[] pixels) {
    int half = pixels.length / 2;
    return Unpooled.wrappedBuffer(
        Unpooled.wrappedBuffer(pixels, 0, half),
        Unpooled.wrappedBuffer(pixels, half, pixels.length - half));
  }

  private static void check(String what, List<PreprocessStep> steps, Tensor image, Model expected) {
    TensorSpec any = new TensorSpec("x", DataType.FLOAT, new long[] {-1, -1, -1});
    Tensor result = PreprocessChain.compile(steps).apply(image, any);
    float[] actual = result.toFloats();
    result.release();
    image.release();
    int h = expected.height;
    int w = expected.width;
    int n = expected.channels;
    assertThat(result.shape())
        .as(what)
        .isEqualTo(expected.planar ? new long[] {n, h, w} : new long[] {h, w, n});
    for (int i = 0; i < actual.length; i++) {
      int c = expected.planar ? i / (h * w) : i % n;
      int pixel = expected.planar ? i % (h * w) : i / n;
      double value = expected.picture.at(pixel / w, pixel % w, c);
      double tolerance = TOLERANCE * Math.max(1, Math.abs(value) / 100);
      assertThat((double) actual[i])
          .as("%s, element %d", what, i)
          .isCloseTo(value, within(tolerance));
    }
  }

  private static Model add(Random random, List<PreprocessStep> steps, Model in, boolean[] bgr) {
    return switch (random.nextInt(8)) {
      case 0 -> resize(random, steps, in, true);
      case 1 -> resize(random, steps, in, false);
      case 2 -> crop(random, steps, in);
      case 3 -> color(random, steps, in, bgr);
      case 4 -> normalize(random, steps, in);
      case 5 -> {
        steps.add(step("Invert"));
        yield in.map(in.channels, (y, x, c) -> 255 - in.picture.at(y, x, c));
      }
      case 6 -> {
        steps.add(step("Scale", "factor", "0.25"));
        yield in.map(in.channels, (y, x, c) -> in.picture.at(y, x, c) / 4);
      }
      default -> {
        boolean planar = random.nextBoolean();
        steps.add(step("Layout", "to", planar ? "CHW" : "HWC"));
        yield new Model(in.height, in.width, in.channels, planar, in.picture);
      }
    };
  }

  private static Model resize(
      Random random, List<PreprocessStep> steps, Model in, boolean bilinear) {
    int height = 1 + random.nextInt(15);
    int width = 1 + random.nextInt(15);
    String mode = bilinear ? "bilinear" : "nearest";
    steps.add(step("Resize", "width", "" + width, "height", "" + height, "mode", mode));
    double[][] values = new double[height * width][in.channels];
    for (int i = 0; i < values.length; i++) {
      double centerY = center(i / width, in.height, height);
      double centerX = center(i % width, in.width, width);
      for (int c = 0; c < in.channels; c++) {
        values[i][c] = bilinear ? tent(in, centerY, centerX, c) : closest(in, centerY, centerX, c);
      }
    }
    Picture picture = (y, x, c) -> values[y * width + x][c];
    return new Model(height, width, in.channels, in.planar, picture);
  }

  private static double center(int position, int in, int out) {
    return (position + 0.5) * in / out - 0.5;
  }

  /** Every input pixel, weighted by a tent of width one around the clamped center. */
  private static double tent(Model in, double centerY, double centerX, int c) {
    double atY = Math.min(Math.max(centerY, 0), in.height - 1);
    double atX = Math.min(Math.max(centerX, 0), in.width - 1);
    double sum = 0;
    for (int y = 0; y < in.height; y++) {
      for (int x = 0; x < in.width; x++) {
        double weight = Math.max(0, 1 - Math.abs(y - atY)) * Math.max(0, 1 - Math.abs(x - atX));
        sum += weight == 0 ? 0 : weight * in.picture.at(y, x, c);
      }
    }
    return sum;
  }

  private static double closest(Model in, double centerY, double centerX, int c) {
    return in.picture.at(closest(centerY, in.height), closest(centerX, in.width), c);
  }

  /**
   * The first of those at the smallest distance; the tiny slack makes ties out of rounding errors.
   */
  private static int closest(double center, int size) {
    int best = 0;
    for (int i = 1; i < size; i++) {
      if (Math.abs(i - center) < Math.abs(best - center) - 1e-9) {
        best = i;
      }
    }
    return best;
  }

  private static Model crop(Random random, List<PreprocessStep> steps, Model in) {
    int height = 1 + random.nextInt(in.height);
    int width = 1 + random.nextInt(in.width);
    steps.add(step("CenterCrop", "width", "" + width, "height", "" + height));
    int top = (int) Math.floor((in.height - height) / 2.0);
    int left = (int) Math.floor((in.width - width) / 2.0);
    Picture picture = (y, x, c) -> in.picture.at(y + top, x + left, c);
    return new Model(height, width, in.channels, in.planar, picture);
  }

  private static Model color(Random random, List<PreprocessStep> steps, Model in, boolean[] bgr) {
    String to = new String[] {"GRAY", "RGB", "BGR"}[random.nextInt(3)];
    steps.add(step("Color", "to", to));
    boolean swapped = bgr[0] != to.equals("BGR");
    boolean wasBgr = bgr[0];
    bgr[0] = to.equals("BGR");
    if (to.equals("GRAY")) {
      return in.map(
          1, (y, x, c) -> in.channels == 1 ? in.picture.at(y, x, 0) : luma(in, wasBgr, y, x));
    }
    return in.map(3, (y, x, c) -> in.picture.at(y, x, in.channels == 1 ? 0 : swapped ? 2 - c : c));
  }

  private static double luma(Model in, boolean bgr, int y, int x) {
    double first = in.picture.at(y, x, 0);
    double last = in.picture.at(y, x, 2);
    double red = bgr ? last : first;
    double blue = bgr ? first : last;
    return (299 * red + 587 * in.picture.at(y, x, 1) + 114 * blue) / 1000;
  }

  private static Model normalize(Random random, List<PreprocessStep> steps, Model in) {
    int n = random.nextBoolean() ? 1 : in.channels;
    double[] mean = random.doubles(n, -50, 50).toArray();
    double deviation = random.nextDouble(0.5, 4);
    steps.add(step("Normalize", "mean", list(mean), "std", "" + deviation));
    return in.map(
        in.channels, (y, x, c) -> (in.picture.at(y, x, c) - mean[n == 1 ? 0 : c]) / deviation);
  }

  private static String list(double[] values) {
    StringBuilder text = new StringBuilder();
    for (double value : values) {
      text.append(text.isEmpty() ? "" : ",").append(value);
    }
    return text.toString();
  }

  private static PreprocessStep step(String op, String... args) {
    Map<String, String> map = new HashMap<>();
    for (int i = 0; i < args.length; i += 2) {
      map.put(args[i], args[i + 1]);
    }
    return new PreprocessStep(op, map);
  }
}
