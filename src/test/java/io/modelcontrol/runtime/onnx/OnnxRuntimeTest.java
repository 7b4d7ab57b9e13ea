package io.modelcontrol.runtime.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.modelcontrol.DataType;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.Tensor;
import io.modelcontrol.TensorSpec;
import io.modelcontrol.runtime.LoadedModel;
import io.modelcontrol.runtime.ModelRuntime;
import io.modelcontrol.runtime.RunControl;
import io.modelcontrol.runtime.RuntimeSettings;
import io.modelcontrol.testing.OnnxModels;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.ServiceLoader;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class OnnxRuntimeTest {
  @TempDir Path directory;

  private LoadedModel load(byte[] model) throws Exception {
    return new OnnxRuntime().load(Files.write(directory.resolve("content"), model), Map.of());
  }

  private static List<Tensor> infer(LoadedModel model, Tensor... inputs) {
    return model.infer(List.of(inputs), List.of(), new RunControl());
  }

  private static void assertRefused(ErrorCode code, String text, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(McpException.class, e -> assertThat(e.code()).isEqualTo(code))
        .hasMessageContaining(text);
  }

  @Test
  void isFoundByItsService() {
    assertThat(ServiceLoader.load(ModelRuntime.class))
        .filteredOn(runtime -> runtime.name().equals("onnx"))
        .singleElement()
        .isInstanceOf(OnnxRuntime.class);
  }

  @ParameterizedTest
  @EnumSource(
      mode = Mode.EXCLUDE,
      names = {
        "STRING",
        "BOOL",
        "COMPLEX64",
        "COMPLEX128",
        "UINT4",
        "INT4",
        "FLOAT4E2M1",
        "FLOAT8E8M0",
        "UINT2",
        "INT2"
      })
  void carriesEachTypeBitForBitFromEveryKindOfBuffer(DataType type) throws Exception {
    byte[] bytes = new byte[6 * type.bits() / Byte.SIZE];
    new Random(type.code()).nextBytes(bytes);
    try (LoadedModel model = load(OnnxModels.identity(type, 2, 3))) {
      for (ByteBuf data : buffersOf(bytes)) {
        Tensor input = Tensor.of("x", type, new long[] {2, 3}, data);
        Tensor output = infer(model, input).get(0);
        assertThat(output.name()).isEqualTo("y");
        assertThat(output.dataType()).isEqualTo(type);
        assertThat(output.shape()).containsExactly(2, 3);
        assertThat(output.toByteArray()).isEqualTo(bytes);
        assertThat(data.refCnt()).isOne();
        output.release();
        input.release();
      }
    }
  }

  private static List<ByteBuf> buffersOf(byte[] bytes) {
    ByteBuf direct = PooledByteBufAllocator.DEFAULT.directBuffer(bytes.length).writeBytes(bytes);
    ByteBuf unaligned = Unpooled.directBuffer().writeByte(0).writeBytes(bytes).skipBytes(1);
    ByteBuf composite =
        Unpooled.wrappedBuffer(
            Unpooled.copiedBuffer(bytes, 0, 1), Unpooled.copiedBuffer(bytes, 1, bytes.length - 1));
    return List.of(direct, unaligned, composite, Unpooled.copiedBuffer(bytes));
  }

  @Test
  void saysWhetherALoadStartsThreadsThatServe() {
    OnnxRuntime runtime = new OnnxRuntime();
    assertThat(runtime.startsThreads(Map.of(), RuntimeSettings.OPEN)).isFalse();
    assertThat(runtime.startsThreads(Map.of("intra-op-threads", "2"), RuntimeSettings.OPEN))
        .isTrue();
    assertThat(runtime.startsThreads(Map.of(), new RuntimeSettings(2, List.of(), List.of())))
        .isTrue();
    assertThat(runtime.startsThreads(Map.of(), new RuntimeSettings(0, List.of("cuda"), List.of())))
        .isTrue();
  }

  @Test
  void answersOfRunsWithTheSameShapesHaveMemoryOfTheirOwn() throws Exception {
    try (LoadedModel model = load(OnnxModels.identity(DataType.FLOAT, -1))) {
      List<Tensor> answers = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        answers.addAll(infer(model, Tensor.of("x", new float[] {i, i})));
      }
      answers.addAll(infer(model, Tensor.of("x", new float[] {4})));
      for (int i = 0; i < 4; i++) {
        assertThat(answers.get(i).toFloats()).containsExactly(i, i);
      }
      assertThat(answers.get(4).toFloats()).containsExactly(4);
      answers.forEach(Tensor::release);
    }
  }

  @Test
  void outputsWhoseShapesDependOnValuesAreWhatTheyAre() throws Exception {
    try (LoadedModel model = load(OnnxModels.nonZero(3))) {
      assertThat(nonZero(model, 1, 0, 1)).containsExactly(0, 2);
      assertThat(nonZero(model, 0, 1, 1)).containsExactly(1, 2);
      assertThat(nonZero(model, 0, 1, 0)).containsExactly(1);
      assertThat(nonZero(model, 0, 0, 0)).isEmpty();
      assertThat(nonZero(model, 1, 1, 1)).containsExactly(0, 1, 2);
    }
  }

  private static long[] nonZero(LoadedModel model, float... values) {
    Tensor found = infer(model, Tensor.of("x", values)).get(0);
    long[] places = found.toLongs();
    assertThat(found.shape()).containsExactly(1, places.length);
    found.release();
    return places;
  }

  @Test
  void aRunThatFailsChangesNothingForThoseAfterIt() throws Exception {
    try (LoadedModel model = load(OnnxModels.gather(3))) {
      for (int i = 0; i < 3; i++) {
        assertThat(gather(model, i)).isEqualTo(i + 10);
        assertRefused(ErrorCode.RUNTIME_FAILURE, "ONNX Runtime failed", () -> gather(model, 7));
      }
    }
  }

  private static float gather(LoadedModel model, long index) {
    Tensor picked =
        infer(model, Tensor.of("x", new float[] {10, 11, 12}), Tensor.of("i", new long[] {index}))
            .get(0);
    float value = picked.toFloats()[0];
    picked.release();
    return value;
  }

  @Test
  void carriesBools() throws Exception {
    try (LoadedModel model = load(OnnxModels.identity(DataType.BOOL, 3))) {
      Tensor output = infer(model, Tensor.of("x", new boolean[] {true, false, true})).get(0);
      assertThat(output.toByteArray()).containsExactly(1, 0, 1);
      output.release();
      byte[] two = {0, 2, 1};
      assertRefused(
          ErrorCode.INVALID_TENSOR,
          "input 'x' is BOOL, element 1 is 2, expected 0 or 1",
          () -> infer(model, Tensor.of("x", DataType.BOOL, ByteBuffer.wrap(two), 3)));
    }
  }

  @Test
  void carriesStringsOfEveryPlane() throws Exception {
    String[] values = {
      "", "plain", "äöü", "漢字 €", "😀", "a😀b😁😂", "ð°°°", "ð\u0002", "😀\u0001\u0002\u0001"
    };
    try (LoadedModel model = load(OnnxModels.identity(DataType.STRING, -1))) {
      assertThat(infer(model, Tensor.of("x", values)).get(0).toStrings()).containsExactly(values);
      for (String value : values) {
        assertThat(infer(model, Tensor.of("x", new String[] {value})).get(0).toStrings())
            .as(value)
            .containsExactly(value);
      }
    }
  }

  @Test
  void failsRatherThanGivingOtherTextThanTheModelDid() throws Exception {
    try (LoadedModel model = load(OnnxModels.identity(DataType.STRING, 1))) {
      assertRefused(
          ErrorCode.RUNTIME_FAILURE,
          "cannot be read exactly",
          () -> infer(model, Tensor.of("x", new String[] {"ð°°°😀"})));
    }
  }

  @Test
  void givesTheModelTheTextThatWasSent() throws Exception {
    try (LoadedModel model = load(OnnxModels.splitStrings("😀"))) {
      Tensor text = Tensor.of("x", new String[] {"one😀two"});
      assertThat(model.infer(List.of(text), List.of("pieces"), new RunControl()).get(0).toStrings())
          .containsExactly("one", "two");
    }
  }

  @Test
  void refusesAStringThatTheNativeSideWouldCut() throws Exception {
    try (LoadedModel model = load(OnnxModels.identity(DataType.STRING, -1))) {
      assertRefused(
          ErrorCode.INVALID_TENSOR,
          "input 'x' has U+0000 in element 1",
          () -> infer(model, Tensor.of("x", new String[] {"a", "b\0c"})));
    }
  }

  @Test
  void carriesScalarsAndTensorsWithoutElements() throws Exception {
    try (LoadedModel model = load(OnnxModels.identity(DataType.FLOAT))) {
      Tensor output = infer(model, Tensor.of("x", new float[] {7}).reshaped()).get(0);
      assertThat(output.shape()).isEmpty();
      assertThat(output.toFloats()).containsExactly(7);
      output.release();
    }
    try (LoadedModel model = load(OnnxModels.identity(DataType.FLOAT, -1, 3))) {
      Tensor output = infer(model, Tensor.of("x", new float[0], 0, 3)).get(0);
      assertThat(output.shape()).containsExactly(0, 3);
      output.release();
    }
    try (LoadedModel model = load(OnnxModels.identity(DataType.STRING))) {
      Tensor output = infer(model, Tensor.of("x", new String[] {"s"}).reshaped()).get(0);
      assertThat(output.shape()).isEmpty();
      assertThat(output.toStrings()).containsExactly("s");
    }
    try (LoadedModel model = load(OnnxModels.identity(DataType.STRING, -1))) {
      assertThat(infer(model, Tensor.of("x", new String[0], 0)).get(0).toStrings()).isEmpty();
    }
  }

  @Test
  void describesInputsAndOutputs() throws Exception {
    try (LoadedModel model = load(OnnxModels.identity(DataType.UINT16, -1, 3))) {
      assertThat(model.inputs())
          .containsExactly(new TensorSpec("x", DataType.UINT16, new long[] {-1, 3}));
      assertThat(model.outputs())
          .containsExactly(new TensorSpec("y", DataType.UINT16, new long[] {-1, 3}));
    }
  }

  @Test
  void doesNotAskForAnInputThatTheModelInitializes() throws Exception {
    try (LoadedModel model = load(OnnxModels.addWithInitializedInput(2))) {
      assertThat(model.inputs()).extracting(TensorSpec::name).containsExactly("x");
      Tensor output = infer(model, Tensor.of("x", new float[] {1})).get(0);
      assertThat(output.toFloats()).containsExactly(3);
      output.release();
    }
  }

  @Test
  void acceptsAnyShapeWhereTheModelDeclaresNone() throws Exception {
    try (LoadedModel model = load(OnnxModels.identityOfUnknownRank())) {
      Tensor output = infer(model, Tensor.of("x", new float[6], 1, 2, 3)).get(0);
      assertThat(output.shape()).containsExactly(1, 2, 3);
      output.release();
    }
  }

  @Test
  void refusesInputsThatTheModelDoesNotTake() throws Exception {
    Tensor a = Tensor.of("a", new float[2]);
    Tensor b = Tensor.of("b", new float[2]);
    try (LoadedModel model = load(OnnxModels.add(2))) {
      assertInvalid("the model has no input 'c', it has 'a', 'b'", model, a, b.renamed("c"));
      assertInvalid("input 'b' is missing, expected FLOAT[2]", model, a);
      assertInvalid("input 'a' is given twice", model, a, a);
      assertInvalid(
          "input 'b' is DOUBLE[2], expected FLOAT[2]", model, a, Tensor.of("b", new double[2]));
      assertInvalid("input 'b' is FLOAT[1, 2], expected FLOAT[2]", model, a, b.reshaped(1, 2));
      assertInvalid(
          "input 'b' is FLOAT[3], expected FLOAT[2]", model, a, Tensor.of("b", new float[3]));
    }
  }

  private static void assertInvalid(String text, LoadedModel model, Tensor... inputs) {
    assertRefused(ErrorCode.INVALID_TENSOR, text, () -> infer(model, inputs));
  }

  @Test
  void computesTheRequestedOutputsInTheirOrder() throws Exception {
    Tensor x = Tensor.of("x", new String[] {"a b"});
    try (LoadedModel model = load(OnnxModels.splitStrings(" "))) {
      List<Tensor> outputs = model.infer(List.of(x), List.of("counts", "pieces"), new RunControl());
      assertThat(outputs).extracting(Tensor::name).containsExactly("counts", "pieces");
      outputs.forEach(Tensor::release);
      assertRefused(
          ErrorCode.INVALID_ARGUMENT,
          "the model has no output 'z', it has 'pieces', 'counts'",
          () -> model.infer(List.of(x), List.of("z"), new RunControl()));
      assertRefused(
          ErrorCode.INVALID_ARGUMENT,
          "an output is requested twice",
          () -> model.infer(List.of(x), List.of("counts", "counts"), new RunControl()));
    }
  }

  @Test
  void refusesASequenceAsOutputAndGivesTheOthers() throws Exception {
    Tensor x = Tensor.of("x", new float[] {1, 2, 3, 4});
    try (LoadedModel model = load(OnnxModels.sequenceAndTensor())) {
      assertThat(model.outputs().get(0).dataType()).isNull();
      assertRefused(
          ErrorCode.UNSUPPORTED_DTYPE, "output 'parts' is a sequence", () -> infer(model, x));
      Tensor same = model.infer(List.of(x), List.of("same"), new RunControl()).get(0);
      assertThat(same.toFloats()).containsExactly(1, 2, 3, 4);
      same.release();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"DEADLINE_EXCEEDED", "REQUEST_CANCELED"})
  void endsAnEndlessRunWithTheReasonOfItsControl(ErrorCode reason) throws Exception {
    Tensor x = Tensor.of("x", new float[] {0});
    try (LoadedModel model = load(OnnxModels.endlessLoop())) {
      for (int run = 0; run < 2; run++) {
        RunControl control = new RunControl();
        CompletableFuture<List<Tensor>> result =
            CompletableFuture.supplyAsync(() -> model.infer(List.of(x), List.of(), control));
        assertThat(result)
            .failsWithin(Duration.ofMillis(200))
            .withThrowableThat()
            .isInstanceOf(TimeoutException.class);
        control.end(reason);
        assertRefused(reason, "while the model was running", () -> unwrapped(result));
      }
    }
  }

  private static void unwrapped(CompletableFuture<?> result) throws Throwable {
    throw result.handle((value, failure) -> failure).get().getCause();
  }

  @Test
  void runsAgainAfterARunWasEnded() throws Exception {
    Tensor x = Tensor.of("x", new float[] {1}, 1, 1);
    try (LoadedModel model = load(OnnxModels.slow(3))) {
      RunControl ended = new RunControl();
      ended.end(ErrorCode.REQUEST_CANCELED);
      assertRefused(
          ErrorCode.REQUEST_CANCELED, "canceled", () -> model.infer(List.of(x), List.of(), ended));
      infer(model, x).forEach(Tensor::release);
    }
  }

  @Test
  void runsOnSeveralThreadsAtOnce() throws Exception {
    float[] ones = new float[64 * 64];
    Arrays.fill(ones, 1f / 64);
    Tensor x = Tensor.of("x", ones, 64, 64);
    try (LoadedModel model = load(OnnxModels.slow(20))) {
      List<CompletableFuture<List<Tensor>>> runs = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        runs.add(CompletableFuture.supplyAsync(() -> infer(model, x)));
      }
      for (CompletableFuture<List<Tensor>> run : runs) {
        Tensor y = run.get().get(0);
        assertThat(y.toFloats()[0]).isBetween(0.0156f, 0.0157f);
        y.release();
      }
    }
  }

  @Test
  void refusesToRunAfterItWasClosed() throws Exception {
    LoadedModel model = load(OnnxModels.identity(DataType.FLOAT, 1));
    model.close();
    model.close();

    assertRefused(
        ErrorCode.MODEL_NOT_READY,
        "the model is closed",
        () -> infer(model, Tensor.of("x", new float[1])));
  }

  @Test
  void refusesContentThatCannotBeLoadedWithAReasonThatNamesNoPath() {
    List<byte[]> contents =
        List.of(
            new byte[0],
            "no model at all".getBytes(StandardCharsets.UTF_8),
            OnnxModels.unknownOperator(),
            OnnxModels.identity(DataType.COMPLEX64, 1),
            Arrays.copyOf(OnnxModels.add(1), 60));
    for (byte[] content : contents) {
      assertThatThrownBy(() -> load(content))
          .isInstanceOfSatisfying(
              McpException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.MODEL_REJECTED))
          .message()
          .doesNotContain(directory.toString(), "content\"", "::", ".cc", "\n")
          .hasSizeLessThan(300);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "-1", "257", "many", "", "99999999999"})
  void refusesANumberOfThreadsThatIsNone(String threads) throws Exception {
    Path content =
        Files.write(directory.resolve("content"), OnnxModels.identity(DataType.FLOAT, 1));
    assertRefused(
        ErrorCode.INVALID_ARGUMENT,
        "expected 1 to 256",
        () -> new OnnxRuntime().load(content, Map.of("intra-op-threads", threads)));
    new OnnxRuntime().load(content, Map.of("intra-op-threads", "2", "other", "ignored")).close();
  }

  @Test
  void recognizesModelsAndNothingElse() throws Exception {
    OnnxRuntime runtime = new OnnxRuntime();
    assertThat(runtime.recognizes(Arrays.copyOf(OnnxModels.add(1), 64))).isTrue();
    for (String other :
        List.of("", "{\"op\":\"add\"}", "PK\3\4", "TFL3", "\u0008", "GGUF", "<x>")) {
      assertThat(runtime.recognizes(other.getBytes(StandardCharsets.UTF_8))).as(other).isFalse();
    }
    byte[] flatbuffer = {8, 0, 0, 0, 'O', 'R', 'T', 'M', 0, 0, 0, 0};
    assertThat(runtime.recognizes(flatbuffer)).isFalse();
  }
}
