package io.modelcontrol.runtime.preprocess;

import io.modelcontrol.DataType;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.PreprocessStep;
import io.modelcontrol.Tensor;
import io.modelcontrol.TensorSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * From a decoded image (UINT8, height x width x channels; 1 channel is gray, 3 are RGB, 4 are RGBA)
 * to the tensor that a model's input wants. Contract 4, PreprocessStep: steps apply in order.
 *
 * <table>
 *   <caption>Operations</caption>
 *   <tr><td>{@code Resize}</td><td>{@code width}, {@code height}, {@code mode} = bilinear (default)
 *     or nearest; half-pixel centers, edges clamped, no antialias: ONNX Resize, half_pixel. The aspect
 *     ratio is not kept.</td></tr>
 *   <tr><td>{@code CenterCrop}</td><td>{@code width}, {@code height}</td></tr>
 *   <tr><td>{@code Color}</td><td>{@code to} = GRAY, RGB or BGR; gray is the luma of BT.601</td></tr>
 *   <tr><td>{@code Invert}</td><td>255 - x</td></tr>
 *   <tr><td>{@code Scale}</td><td>x * {@code factor}; the result is FLOAT</td></tr>
 *   <tr><td>{@code Normalize}</td><td>(x - {@code mean}) / {@code std}, each one number or a comma
 *     list with one for each channel; the result is FLOAT</td></tr>
 *   <tr><td>{@code Layout}</td><td>{@code to} = CHW or HWC (as it is at the start)</td></tr>
 *   <tr><td>{@code Cast}</td><td>{@code dtype} = FLOAT, FLOAT16, BFLOAT16, DOUBLE, UINT8, INT8,
 *     UINT16, INT16, UINT32, INT32 or INT64</td></tr>
 * </table>
 *
 * <p>Each step gives values of its type: what is not Scale, Normalize or Cast keeps the type, UINT8
 * at the start. A value that an integer type cannot hold is rounded to the nearest, ties to even,
 * and saturates at the ends of the range; NaN becomes 0. Computation is in float, so that DOUBLE
 * and the wide integers carry a float's 24 bits. To keep the fractions of a resize, cast to FLOAT
 * before it.
 *
 * <p>Immutable and thread-safe.
 */
public final class PreprocessChain {
  /** Steps of one chain. */
  public static final int MAX_STEPS = 32;

  /** Pixels of a width or a height that a step may ask for. */
  public static final int MAX_SIZE = 16_384;

  /** Bytes of a result, and of the floats of an image between two steps: 256 MiB. */
  public static final long MAX_OUTPUT_BYTES = 256L << 20;

  private static final List<String> OPERATIONS =
      List.of("Resize", "CenterCrop", "Color", "Invert", "Scale", "Normalize", "Layout", "Cast");

  private final List<Step> steps;

  private PreprocessChain(List<Step> steps) {
    this.steps = steps;
  }

  /**
   * Checks operations and arguments, before any image is there.
   *
   * @throws McpException INVALID_ARGUMENT that names the step (from 1) and the argument
   */
  public static PreprocessChain compile(List<PreprocessStep> steps) {
    if (steps.size() > MAX_STEPS) {
      throw McpException.streamError(
          ErrorCode.INVALID_ARGUMENT,
          "a preprocess chain has at most " + MAX_STEPS + " steps, got " + steps.size());
    }
    List<Step> compiled = new ArrayList<>(steps.size());
    int channels = 0;
    for (int i = 0; i < steps.size(); i++) {
      Step step = compile(steps.get(i).op(), new StepArguments(i + 1, steps.get(i)));
      channels = step.channelsAfter(channels);
      compiled.add(step);
    }
    return new PreprocessChain(List.copyOf(compiled));
  }

  private static Step compile(String op, StepArguments args) {
    return switch (op) {
      case "Resize" -> resize(args.only("width", "height", "mode"));
      case "CenterCrop" -> crop(args.only("width", "height"));
      case "Color" -> color(args.only("to"));
      case "Invert" -> invert(args.only());
      case "Scale" -> ValueStep.scale(args.only("factor").number("factor"));
      case "Normalize" -> normalize(args.only("mean", "std"));
      case "Layout" -> layout(args.only("to"));
      case "Cast" -> cast(args.only("dtype"));
      default -> throw args.invalid("is unknown, expected " + String.join(", ", OPERATIONS));
    };
  }

  private static Step resize(StepArguments args) {
    String mode = args.wordOr("mode", List.of("bilinear", "nearest"), "bilinear");
    int width = args.size("width");
    int height = args.size("height");
    checkArea(args, width, height);
    return new ResizeStep(width, height, mode.equals("bilinear"));
  }

  private static Step crop(StepArguments args) {
    int width = args.size("width");
    int height = args.size("height");
    checkArea(args, width, height);
    return new CropStep(width, height);
  }

  private static void checkArea(StepArguments args, int width, int height) {
    if ((long) width * height > Image.MAX_ELEMENTS) {
      throw args.invalid(
          "needs 'width' times 'height' of at most "
              + Image.MAX_ELEMENTS
              + ", got "
              + width
              + " times "
              + height);
    }
  }

  private static Step invert(StepArguments unused) {
    return ValueStep.invert();
  }

  private static Step color(StepArguments args) {
    return new ColorStep(ColorOrder.valueOf(args.word("to", List.of("GRAY", "RGB", "BGR"))));
  }

  private static Step normalize(StepArguments args) {
    double[] mean = args.numbers("mean");
    double[] deviation = args.numbers("std");
    if (mean.length != 1 && deviation.length != 1 && mean.length != deviation.length) {
      throw args.invalid(
          "needs as many numbers in 'std' as in 'mean', got "
              + deviation.length
              + " and "
              + mean.length);
    }
    for (double value : deviation) {
      if ((float) value == 0) {
        throw args.invalid("cannot divide by 'std' 0");
      }
    }
    return ValueStep.normalize(mean, deviation);
  }

  private static Step layout(StepArguments args) {
    boolean planar = args.word("to", List.of("CHW", "HWC")).equals("CHW");
    return (image, buffers) -> image.laidOut(planar);
  }

  private static Step cast(StepArguments args) {
    List<String> names = Rounding.TYPES.stream().map(DataType::name).toList();
    return ValueStep.cast(DataType.valueOf(args.word("dtype", names)));
  }

  public boolean isEmpty() {
    return steps.isEmpty();
  }

  /**
   * Whether the chain is what turns a given tensor into a wanted one: the given one is an image,
   * and the model does not itself take images of that form.
   */
  public boolean appliesTo(Tensor given, TensorSpec wanted) {
    return !steps.isEmpty()
        && isImage(given)
        && !(wanted.dataType() == DataType.UINT8 && wanted.rank() == 3);
  }

  private static boolean isImage(Tensor tensor) {
    return tensor.dataType() == DataType.UINT8
        && tensor.rank() == 3
        && ColorOrder.ofChannels(tensor.dimension(2)) != null;
  }

  /**
   * Runs the chain. A leading batch dimension of 1 is added where the wanted tensor has one rank
   * more.
   *
   * @param image UINT8 [height, width, channels]; stays the caller's
   * @param wanted what the model declares of the input
   * @return a new tensor with the wanted name, in a direct buffer; the caller owns it
   * @throws McpException INVALID_TENSOR if the image cannot go through the chain, or what comes out
   *     has not the wanted type and shape
   */
  public Tensor apply(Tensor image, TensorSpec wanted) {
    Image current = Image.of(image);
    WorkBuffers buffers = new WorkBuffers();
    for (Step step : steps) {
      current = step.apply(current, buffers);
    }
    long[] shape = shapeOf(current, wanted);
    checkFits(current, shape, wanted);
    return Tensor.of(wanted.name(), current.type, shape, TensorWriter.write(current));
  }

  private static long[] shapeOf(Image image, TensorSpec wanted) {
    int channels = image.order.channels;
    long[] shape =
        image.planar
            ? new long[] {1, channels, image.height, image.width}
            : new long[] {1, image.height, image.width, channels};
    return wanted.rank() == shape.length ? shape : Arrays.copyOfRange(shape, 1, shape.length);
  }

  private static void checkFits(Image image, long[] shape, TensorSpec wanted) {
    if (image.type != wanted.dataType() || !wanted.acceptsShape(shape)) {
      throw McpException.streamError(
          ErrorCode.INVALID_TENSOR,
          "preprocessing gives "
              + image.type
              + Arrays.toString(shape)
              + ", the model wants "
              + wanted);
    }
    long bytes = image.type.byteLength((long) image.height * image.rowLength());
    if (bytes > MAX_OUTPUT_BYTES) {
      throw McpException.streamError(
          ErrorCode.INVALID_TENSOR,
          "preprocessing gives " + bytes + " bytes, at most " + MAX_OUTPUT_BYTES);
    }
  }
}
