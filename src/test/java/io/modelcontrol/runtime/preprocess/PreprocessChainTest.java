package io.modelcontrol.runtime.preprocess;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.modelcontrol.DataType;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.Float16;
import io.modelcontrol.McpException;
import io.modelcontrol.PreprocessStep;
import io.modelcontrol.Tensor;
import io.modelcontrol.TensorSpec;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class PreprocessChainTest {
  private static final long ANY = TensorSpec.DYNAMIC;

  @Test
  void bilinearEqualsThePublishedOnnxExample() {
    // onnx, Resize, resize_upsample_scales_linear: [[1, 2], [3, 4]] to 4 x 4, half_pixel
    Tensor image = image(2, 2, 1, 1, 2, 3, 4);
    assertThat(floats("Cast(dtype=FLOAT); Resize(width=4, height=4)", image, 4, 4, 1))
        .containsExactly(
            1f, 1.25f, 1.75f, 2f, 1.5f, 1.75f, 2.25f, 2.5f, 2.5f, 2.75f, 3.25f, 3.5f, 3f, 3.25f,
            3.75f, 4f);
  }

  @Test
  void nearestEqualsThePublishedOnnxExamples() {
    // onnx, Resize, resize_upsample_sizes_nearest: to 7 x 8
    Tensor small = image(2, 2, 1, 1, 2, 3, 4);
    float[] large =
        floats("Resize(width=8, height=7, mode=nearest); Cast(dtype=FLOAT)", small, 7, 8, 1);
    for (int i = 0; i < large.length; i++) {
      float expected = (i / 8 < 4 ? 1 : 3) + (i % 8 < 4 ? 0 : 1);
      assertThat(large[i]).as("element %d", i).isEqualTo(expected);
    }
    // onnx, Resize, resize_downsample_sizes_nearest: to 1 x 3
    Tensor wide = image(2, 4, 1, 1, 2, 3, 4, 5, 6, 7, 8);
    assertThat(floats("Resize(width=3, height=1, mode=nearest); Cast(dtype=FLOAT)", wide, 1, 3, 1))
        .containsExactly(1, 2, 4);
  }

  @Test
  void shrinkingDoesNotAverageWhatLiesBetween() {
    Tensor image = image(1, 8, 1, 0, 0, 0, 100, 200, 0, 0, 0);
    assertThat(floats("Resize(width=2, height=1); Cast(dtype=FLOAT)", image, 1, 2, 1))
        .containsExactly(0, 0);
    assertThat(floats("Resize(width=1, height=1); Cast(dtype=FLOAT)", image, 1, 1, 1))
        .containsExactly(150);
  }

  @Test
  void resizingKeepsTheTypeAndRoundsTiesToEven() {
    Tensor gray = image(1, 2, 1, 10, 13);
    assertThat(bytes("Resize(width=1, height=1)", gray, DataType.UINT8, 1, 1, 1, 1))
        .containsExactly(12);
    assertThat(floats("Cast(dtype=FLOAT); Resize(width=1, height=1)", gray, 1, 1, 1))
        .containsExactly(11.5f);
  }

  @Test
  void centerCropLeavesTheLargerHalfOfAnOddMarginRightAndBelow() {
    Tensor image = image(3, 4, 1, 0, 1, 2, 3, 10, 11, 12, 13, 20, 21, 22, 23);
    assertThat(floats("CenterCrop(width=1, height=2); Cast(dtype=FLOAT)", image, 2, 1, 1))
        .containsExactly(1, 11);
    assertThat(floats("CenterCrop(width=2, height=1); Cast(dtype=FLOAT)", image, 1, 2, 1))
        .containsExactly(11, 12);
  }

  @Test
  void grayIsTheLumaOfBt601() {
    Tensor image = image(1, 4, 3, 255, 0, 0, 0, 255, 0, 0, 0, 255, 200, 100, 50);
    // 0.299 * 255 = 76.245, 0.587 * 255 = 149.685, 0.114 * 255 = 29.07, 59.8 + 58.7 + 5.7 = 124.2
    assertThat(bytes("Color(to=GRAY)", image, DataType.UINT8, 1, 1, 4, 1))
        .containsExactly(76, 150, 29, 124);
    assertThat(floats("Cast(dtype=FLOAT); Color(to=BGR); Color(to=GRAY)", image, 1, 4, 1))
        .containsExactly(76.245f, 149.685f, 29.07f, 124.2f);
  }

  @Test
  void colorReordersSpreadsAndDropsChannels() {
    Tensor rgb = image(1, 1, 3, 1, 2, 3);
    Tensor rgba = image(1, 1, 4, 1, 2, 3, 4);
    Tensor gray = image(1, 1, 1, 7);
    assertThat(bytes("Color(to=BGR)", rgb, DataType.UINT8, 1, 1, 1, 3)).containsExactly(3, 2, 1);
    assertThat(bytes("Color(to=BGR); Color(to=RGB)", rgb, DataType.UINT8, 1, 1, 1, 3))
        .containsExactly(1, 2, 3);
    assertThat(bytes("Color(to=RGB)", rgba, DataType.UINT8, 1, 1, 1, 3)).containsExactly(1, 2, 3);
    assertThat(bytes("Color(to=BGR)", rgba, DataType.UINT8, 1, 1, 1, 3)).containsExactly(3, 2, 1);
    assertThat(bytes("Color(to=BGR)", gray, DataType.UINT8, 1, 1, 1, 3)).containsExactly(7, 7, 7);
  }

  @Test
  void invertScaleAndNormalizeComputeWhatTheyName() {
    Tensor image = image(1, 2, 3, 0, 128, 255, 10, 20, 30);
    assertThat(bytes("Invert", image, DataType.UINT8, 1, 1, 2, 3))
        .containsExactly(255, 127, 0, 245, 235, 225);
    assertThat(floats("Scale(factor=0.5)", image, 1, 2, 3))
        .containsExactly(0, 64, 127.5f, 5, 10, 15);
    assertThat(floats("Normalize(mean=10, 20, 30, std=2, 4, 5)", image, 1, 2, 3))
        .containsExactly(-5, 27, 45, 0, 0, 0);
    assertThat(floats("Normalize(mean=10, std=1, 2, 10)", image, 1, 2, 3))
        .containsExactly(-10, 59, 24.5f, 0, 5, 2);
  }

  @Test
  void layoutMovesChannelsIntoPlanes() {
    Tensor image = image(2, 2, 3, 1, 2, 3, 11, 12, 13, 21, 22, 23, 31, 32, 33);
    String planar = "Layout(to=CHW); Cast(dtype=FLOAT)";
    assertThat(floats(planar, image, 3, 2, 2))
        .containsExactly(1, 11, 21, 31, 2, 12, 22, 32, 3, 13, 23, 33);
    assertThat(bytes("Layout(to=CHW)", image, DataType.UINT8, 1, 3, 2, 2))
        .containsExactly(1, 11, 21, 31, 2, 12, 22, 32, 3, 13, 23, 33);
    assertThat(floats(planar + "; Layout(to=HWC)", image, 2, 2, 3))
        .containsExactly(1, 2, 3, 11, 12, 13, 21, 22, 23, 31, 32, 33);
    // Steps after the layout still work on pixels and channels.
    assertThat(floats(planar + "; Color(to=BGR); Resize(width=1, height=1)", image, 3, 1, 1))
        .containsExactly(18, 17, 16);
  }

  @ParameterizedTest
  @CsvSource({
    "UINT8, 0, 255", "INT8, -128, 127", "UINT16, 0, 25500", "INT16, -25500, 25500",
    "INT32, -25500, 25500", "INT64, -25500, 25500", "UINT32, 0, 25500", "DOUBLE, -25500, 25500",
    "FLOAT, -25500, 25500", "FLOAT16, -25504, 25504", "BFLOAT16, -25472, 25472"
  })
  void castSaturatesAtTheEndsOfTheRange(DataType type, double lowest, double highest) {
    Tensor image = image(1, 2, 1, 0, 255);
    String chain = "Normalize(mean=127.5, std=0.005); Cast(dtype=" + type + ")";
    Tensor result = run(chain, image, new TensorSpec("x", type, new long[] {1, 2, 1}));
    assertThat(value(result, 0)).isEqualTo(lowest);
    assertThat(value(result, 1)).isEqualTo(highest);
    result.release();
  }

  @ParameterizedTest
  @EnumSource(names = {"INT32", "INT64", "UINT32"})
  void wideIntegersSaturateToo(DataType type) {
    Tensor image = image(1, 2, 1, 0, 255);
    String chain = "Normalize(mean=1, std=1e-30); Cast(dtype=" + type + ")";
    Tensor result = run(chain, image, new TensorSpec("x", type, new long[] {1, 2, 1}));
    ByteBuffer bytes = result.bytes();
    long highest = type == DataType.INT64 ? bytes.getLong(8) : bytes.getInt(4);
    assertThat(highest)
        .isEqualTo(
            switch (type) {
              case INT32 -> Integer.MAX_VALUE;
              case INT64 -> Long.MAX_VALUE;
              default -> -1;
            });
    result.release();
  }

  @Test
  void whatIsNoNumberBecomesZeroAsAnInteger() {
    Tensor image = image(1, 1, 1, 255);
    String chain = "Scale(factor=3e38); Scale(factor=3e38); Scale(factor=0); Cast(dtype=INT8)";
    assertThat(bytes(chain, image, DataType.INT8, 1, 1, 1, 1)).containsExactly(0);
  }

  @Test
  void addsTheBatchDimensionThatTheModelWants() {
    Tensor image = image(2, 3, 3, new int[18]);
    PreprocessChain chain = chain("Layout(to=CHW); Cast(dtype=FLOAT)");
    Tensor batched =
        chain.apply(image, new TensorSpec("data", DataType.FLOAT, new long[] {ANY, 3, ANY, ANY}));
    assertThat(batched.name()).isEqualTo("data");
    assertThat(batched.shape()).containsExactly(1, 3, 2, 3);
    batched.release();
    assertThat(image.data().refCnt()).isEqualTo(1);
    assertThat(image.data().readerIndex()).isZero();
  }

  @Test
  void refusesAResultThatDoesNotFitTheModel() {
    Tensor image = image(2, 3, 1, new int[6]);
    assertInvalidTensor("Cast(dtype=FLOAT)", image, DataType.FLOAT, 1, 3, 2, 1);
    assertInvalidTensor("Cast(dtype=FLOAT)", image, DataType.FLOAT16, 1, 2, 3, 1);
    assertInvalidTensor("Cast(dtype=FLOAT)", image, DataType.FLOAT, 2, 3);
    assertInvalidTensor("Invert", image, null, 2, 3, 1);
    assertThatThrownBy(() -> floats("Cast(dtype=FLOAT)", image, 2, 2, 1))
        .hasMessage("preprocessing gives FLOAT[2, 3, 1], the model wants x FLOAT[2, 2, 1]");
  }

  @Test
  void refusesWhatIsNoImageOrTooSmallToCrop() {
    assertInvalidTensor("Invert", image(2, 3, 2, new int[12]), DataType.UINT8, 1, 2, 3, 2);
    assertInvalidTensor("Invert", image(0, 3, 1), DataType.UINT8, 1, 0, 3, 1);
    assertInvalidTensor("Invert", Tensor.of("x", new byte[4], 2, 2), DataType.UINT8, 2, 2);
    assertInvalidTensor(
        "CenterCrop(width=4, height=1)", image(2, 3, 1, new int[6]), DataType.UINT8);
    assertInvalidTensor("Normalize(mean=1,2,3, std=1)", image(1, 1, 1, 4), DataType.FLOAT, 1, 1, 1);
  }

  @Test
  void refusesToGrowAnImageBeyondTheLimit() {
    // 8192 x 8192 pixels are allowed, but not of three channels.
    assertInvalidTensor(
        "Resize(width=8192, height=8192)", image(1, 1, 3, 1, 2, 3), DataType.UINT8, 1, ANY, ANY, 3);
    assertInvalidTensor(
        "Resize(width=8192, height=8192); Color(to=RGB)", image(1, 1, 3, 1, 2, 3), DataType.UINT8);
  }

  @Test
  void appliesToImagesThatTheModelDoesNotTakeItself() {
    PreprocessChain chain = chain("Cast(dtype=FLOAT)");
    TensorSpec floats = new TensorSpec("x", DataType.FLOAT, new long[] {1, 1, 28, 28});
    TensorSpec images = new TensorSpec("x", DataType.UINT8, new long[] {ANY, ANY, 3});
    Tensor image = image(1, 1, 3, 1, 2, 3);
    assertThat(chain.appliesTo(image, floats)).isTrue();
    assertThat(chain.appliesTo(image, images)).isFalse();
    assertThat(chain("").appliesTo(image, floats)).isFalse();
    assertThat(chain.appliesTo(Tensor.of("x", new byte[4], 2, 2, 1), floats)).isTrue();
    assertThat(chain.appliesTo(Tensor.of("x", new byte[4], 2, 1, 2), floats)).isFalse();
    assertThat(chain.appliesTo(Tensor.of("x", new byte[4], 1, 2, 2, 1), floats)).isFalse();
    assertThat(chain.appliesTo(Tensor.of("x", new float[4], 2, 2, 1), floats)).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Resize(width=28) | step 1 Resize lacks argument 'height'",
        "Invert; Resize(width=0, height=1) | step 2 Resize needs 'width' from 1 to 16384, got 0",
        "Resize(width=1, height=16385) | step 1 Resize needs 'height' from 1 to 16384, got 16385",
        "Resize(width=1, height=1.5) | step 1 Resize needs a whole number as 'height', got '1.5'",
        "Resize(width=16384, height=16384) | step 1 Resize needs 'width' times 'height' of at most",
        "Resize(width=1, height=1, mode=cubic) | Resize needs bilinear or nearest as 'mode', got",
        "Resize(width=1, height=1, keepAspect=true) | Resize does not know argument 'keepAspect'",
        "CenterCrop(height=4) | step 1 CenterCrop lacks argument 'width'",
        "Color(to=YUV) | step 1 Color needs GRAY or RGB or BGR as 'to', got 'YUV'",
        "Invert(x=1) | step 1 Invert does not know argument 'x', expected none",
        "Scale(factor=big) | step 1 Scale needs a number as 'factor', got 'big'",
        "Scale(factor=NaN) | step 1 Scale needs a finite number as 'factor', got 'NaN'",
        "Scale(factor=1e39) | step 1 Scale needs a finite number as 'factor', got '1e39'",
        "Normalize(mean=1,2, std=1) | step 1 Normalize needs 1, 3 or 4 numbers as 'mean', got 2",
        "Normalize(mean=1,2,3, std=1,2,3,4) | needs as many numbers in 'std' as in 'mean', got 4",
        "Normalize(mean=1, std=0) | step 1 Normalize cannot divide by 'std' 0",
        "Color(to=GRAY); Normalize(mean=1,2,3, std=1) | for 3 channels, the image has 1 there",
        "Layout(to=NCHW) | step 1 Layout needs CHW or HWC as 'to', got 'NCHW'",
        "Cast(dtype=STRING) | step 1 Cast needs FLOAT or FLOAT16",
        "Blur | step 1 Blur is unknown, expected Resize, CenterCrop, Color"
      })
  void namesTheStepAndTheArgumentThatItRefuses(String text, String message) {
    McpException refused = catchThrowableOfType(McpException.class, () -> chain(text));
    assertThat(refused.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    assertThat(refused).hasMessageContaining(message);
  }

  @Test
  void refusesMoreStepsThanTheLimit() {
    List<PreprocessStep> steps =
        Collections.nCopies(PreprocessChain.MAX_STEPS + 1, new PreprocessStep("Invert", Map.of()));
    assertThat(PreprocessChain.compile(steps.subList(0, 32)).isEmpty()).isFalse();
    assertThatThrownBy(() -> PreprocessChain.compile(steps))
        .hasMessage("a preprocess chain has at most 32 steps, got 33");
  }

  private static PreprocessChain chain(String text) {
    return PreprocessChain.compile(PreprocessSteps.parse(text));
  }

  private static Tensor image(int height, int width, int channels, int... pixels) {
    byte[] bytes = new byte[pixels.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) pixels[i];
    }
    return Tensor.of("image", bytes, height, width, channels);
  }

  private static Tensor run(String text, Tensor image, TensorSpec wanted) {
    return chain(text).apply(image, wanted);
  }

  private static float[] floats(String text, Tensor image, long... shape) {
    Tensor result = run(text, image, new TensorSpec("x", DataType.FLOAT, shape));
    try {
      return result.toFloats();
    } finally {
      result.release();
    }
  }

  private static int[] bytes(String text, Tensor image, DataType type, long... shape) {
    Tensor result = run(text, image, new TensorSpec("x", type, shape));
    byte[] bytes = result.toByteArray();
    result.release();
    int[] unsigned = new int[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      unsigned[i] = bytes[i] & 0xFF;
    }
    return unsigned;
  }

  private static double value(Tensor tensor, int index) {
    ByteBuffer bytes = tensor.bytes();
    int at = index * tensor.dataType().bits() / 8;
    return switch (tensor.dataType()) {
      case FLOAT -> bytes.getFloat(at);
      case DOUBLE -> bytes.getDouble(at);
      case FLOAT16 -> Float16.toFloat(bytes.getShort(at));
      case BFLOAT16 -> Float16.fromBfloat16Bits(bytes.getShort(at));
      case INT8 -> bytes.get(at);
      case UINT8 -> bytes.get(at) & 0xFF;
      case INT16 -> bytes.getShort(at);
      case UINT16 -> bytes.getShort(at) & 0xFFFF;
      case UINT32 -> bytes.getInt(at) & 0xFFFF_FFFFL;
      case INT32 -> bytes.getInt(at);
      case INT64 -> bytes.getLong(at);
      default -> throw new AssertionError(tensor.dataType());
    };
  }

  private static void assertInvalidTensor(
      String text, Tensor image, DataType wanted, long... shape) {
    McpException refused =
        catchThrowableOfType(
            McpException.class, () -> run(text, image, new TensorSpec("x", wanted, shape)));
    assertThat(refused).isNotNull();
    assertThat(refused.code()).isEqualTo(ErrorCode.INVALID_TENSOR);
  }
}
