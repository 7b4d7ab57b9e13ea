package io.modelcontrol.runtime.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import io.modelcontrol.DataType;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.Tensor;
import io.modelcontrol.TensorSpec;
import io.modelcontrol.runtime.LoadedModel;
import io.modelcontrol.runtime.ModelRuntime;
import io.modelcontrol.runtime.RunControl;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ReferenceRuntimeTest {
  @TempDir private Path directory;

  private final ReferenceRuntime runtime = new ReferenceRuntime();

  @Test
  void isFoundAsAService() {
    assertThat(ServiceLoader.load(ModelRuntime.class).stream().map(ServiceLoader.Provider::type))
        .anyMatch(type -> type == ReferenceRuntime.class);
    assertThat(runtime.name()).isEqualTo("reference");
  }

  @Test
  void recognizesAnOpeningBraceAfterBlanks() {
    assertThat(runtime.recognizes(" \r\n\t{".getBytes(StandardCharsets.UTF_8))).isTrue();
    assertThat(runtime.recognizes("[{".getBytes(StandardCharsets.UTF_8))).isFalse();
    assertThat(runtime.recognizes("  ".getBytes(StandardCharsets.UTF_8))).isFalse();
    assertThat(runtime.recognizes(new byte[] {8, 10, '{'})).isFalse();
    assertThat(runtime.recognizes(new byte[0])).isFalse();
  }

  @ParameterizedTest
  @EnumSource
  void identityOfAnyTypeSharesTheData(DataType type) {
    LoadedModel model = load("{'op':'identity','dtype':'" + type + "','shape':[-1]}");
    Tensor input = zeros("input", type, 4);
    List<Tensor> outputs = model.infer(List.of(input), List.of(), new RunControl());
    Tensor output = outputs.get(0);
    assertThat(output.name()).isEqualTo("output");
    assertThat(output.data()).isSameAs(input.data());
    assertThat(input.data().refCnt()).isEqualTo(2);
    output.release();
    input.release();
    assertThat(input.data().refCnt()).isZero();
  }

  @Test
  void declaresItsInputsAndOutputs() {
    LoadedModel model = load("{'op':'add','dtype':'INT64','shape':[2,-1]}");
    long[] shape = {2, -1};
    assertThat(model.inputs())
        .containsExactly(
            new TensorSpec("a", DataType.INT64, shape), new TensorSpec("b", DataType.INT64, shape));
    assertThat(model.outputs()).containsExactly(new TensorSpec("sum", DataType.INT64, shape));
    assertThat(load("{'op':'identity','shape':[]}").inputs().get(0).rank()).isZero();
  }

  @Test
  void addsEachOfItsTypes() {
    assertThat(
            add("FLOAT", Tensor.of("a", new float[] {1, 2}), Tensor.of("b", new float[] {3, 4}))
                .toFloats())
        .containsExactly(4, 6);
    assertThat(
            add("DOUBLE", Tensor.of("a", new double[] {1}), Tensor.of("b", new double[] {0.5}))
                .toDoubles())
        .containsExactly(1.5);
    assertThat(
            add(
                    "INT32",
                    Tensor.of("a", new int[] {1, Integer.MAX_VALUE}),
                    Tensor.of("b", new int[] {-3, 1}))
                .toInts())
        .containsExactly(-2, Integer.MIN_VALUE);
    assertThat(
            add("INT64", Tensor.of("b", new long[] {1L << 40}), Tensor.of("a", new long[] {1}))
                .toLongs())
        .containsExactly((1L << 40) + 1);
  }

  @Test
  void mlpComputesItsLayersInOrder() {
    LoadedModel model =
        load(
            "{'op':'mlp','layers':[{'weights':[[1,2],[-1,0],[0.5,0.5]],'bias':[0,1,-1],"
                + "'activation':'relu'},{'weights':[[1,1,1],[0,2,4]],'bias':[0,0]}]}");
    Tensor input = Tensor.of("input", new float[] {1, 2, -3, 4}, 2, 2);
    Tensor output = model.infer(List.of(input), List.of("output"), new RunControl()).get(0);
    // Row 0: relu(5, 0, 0.5); row 1: relu(5, 4, -0.5).
    assertThat(output.toFloats()).containsExactly(5.5f, 2f, 9f, 8f);
    assertThat(output.shape()).containsExactly(2, 2);
    assertThat(model.inputs().get(0).shape()).containsExactly(-1, 2);
    assertThat(model.outputs().get(0).shape()).containsExactly(-1, 2);
  }

  @Test
  void softmaxOfLargeValuesStaysFinite() {
    LoadedModel model =
        load(
            "{'op':'mlp','layers':[{'weights':[[1000],[999]],'bias':[0,0],"
                + "'activation':'softmax'}]}");
    Tensor input = Tensor.of("input", new float[] {1}, 1, 1);
    float[] result = model.infer(List.of(input), List.of(), new RunControl()).get(0).toFloats();
    assertThat(result[0]).isCloseTo(0.731058f, within(1e-6f));
    assertThat(result[0] + result[1]).isCloseTo(1, within(1e-6f));
  }

  @Test
  void mlpTakesNoRowsAndRefusesTooMany() {
    LoadedModel model = load("{'op':'mlp','layers':[{'weights':[[1]],'bias':[1]}]}");
    Tensor none =
        Tensor.of("input", DataType.FLOAT, new long[] {0, 1}, Tensor.of("e", new byte[0]).data());
    assertThat(model.infer(List.of(none), List.of(), new RunControl()).get(0).shape())
        .containsExactly(0, 1);
    String rows = "[1],".repeat(1000);
    LoadedModel wide =
        load(
            "{'op':'mlp','layers':[{'weights':["
                + rows
                + "[1]],'bias':["
                + "0,".repeat(1000)
                + "0]}]}");
    Tensor many = Tensor.of("input", new float[20_000], 20_000, 1);
    assertThat(failure(wide, List.of(many)).code()).isEqualTo(ErrorCode.RESOURCE_EXHAUSTED);
  }

  @Test
  void refusesInputsThatTheModelDoesNotDeclare() {
    LoadedModel model = load("{'op':'add','shape':[2]}");
    Tensor a = Tensor.of("a", new float[] {1, 2});
    Tensor b = Tensor.of("b", new float[] {1, 2});
    assertInvalid(model, "input 'b' is missing", a);
    assertInvalid(model, "the model has 2 inputs, got 3: expected [a, b]", a, b, b);
    assertInvalid(
        model, "expected input b FLOAT[2], got b FLOAT[3]", a, Tensor.of("b", new float[3]));
    assertInvalid(
        model, "expected input b FLOAT[2], got b INT32[2]", a, Tensor.of("b", new int[2]));
    LoadedModel dynamic = load("{'op':'add'}");
    assertInvalid(dynamic, "expected two inputs of one shape", a, Tensor.of("b", new float[3]));
  }

  @Test
  void refusesOutputsThatTheModelDoesNotHave() {
    LoadedModel model = load("{'op':'identity'}");
    Tensor input = Tensor.of("input", new float[] {1});
    for (List<String> requested : List.of(List.of("x"), List.of("output", "output"))) {
      McpException refused =
          catchThrowableOfType(
              McpException.class, () -> model.infer(List.of(input), requested, new RunControl()));
      assertThat(refused.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    }
    assertThat(input.data().refCnt()).isEqualTo(1);
  }

  @Test
  @Timeout(value = 30, unit = TimeUnit.SECONDS)
  void delayEndsAtOnceWhenTheRunIsEnded() {
    LoadedModel model = load("{'op':'delay','ms':60000}");
    Tensor input = Tensor.of("input", new float[] {1});
    for (ErrorCode why : List.of(ErrorCode.REQUEST_CANCELED, ErrorCode.DEADLINE_EXCEEDED)) {
      RunControl control = new RunControl();
      CompletableFuture<List<Tensor>> run =
          CompletableFuture.supplyAsync(() -> model.infer(List.of(input), List.of(), control));
      control.end(why);
      CompletionException failed = catchThrowableOfType(CompletionException.class, run::join);
      assertThat(((McpException) failed.getCause()).code()).isEqualTo(why);
    }
    assertThat(input.data().refCnt()).isEqualTo(1);
  }

  @Test
  void delayGivesTheInputBackAfterItsTime() {
    LoadedModel model = load("{'op':'delay','ms':20}");
    long start = System.nanoTime();
    Tensor input = Tensor.of("input", new float[] {1});
    Tensor output = model.infer(List.of(input), List.of(), new RunControl()).get(0);
    assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(20_000_000L);
    assertThat(output.toFloats()).containsExactly(1);
  }

  @Test
  void failFailsWithItsMessage() {
    McpException failed =
        failure(
            load("{'op':'fail','message':'out of ink'}"),
            List.of(Tensor.of("input", new float[1])));
    assertThat(failed.code()).isEqualTo(ErrorCode.RUNTIME_FAILURE);
    assertThat(failed).hasMessage("out of ink");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{} | 'op' must be a string",
        "{'op':1} | 'op' must be a string",
        "{'op':'mul'} | unknown op 'mul', expected identity, add, mlp, delay, fail",
        "{'op':'identity','dtpye':'FLOAT'} | unknown key 'dtpye', expected [dtype, op, shape]",
        "{'op':'identity','dtype':'FLOAT32'} | unknown dtype 'FLOAT32'",
        "{'op':'identity','shape':[-2]} | 'shape' must hold whole numbers from -1, got -2",
        "{'op':'identity','shape':[1.5]} | 'shape' must hold whole numbers from -1, got 1.5",
        "{'op':'identity','shape':3} | 'shape' must be an array",
        "{'op':'add','dtype':'UINT8'} | add has dtype FLOAT, DOUBLE, INT32 or INT64, got UINT8",
        "{'op':'delay'} | 'ms' must be a whole number from 0 to 60000",
        "{'op':'delay','ms':60001} | 'ms' must be a whole number from 0 to 60000",
        "{'op':'mlp','layers':[]} | 'layers' must hold 1 to 64, got 0",
        "{'op':'mlp','layers':[3]} | layer 0 must be an object",
        "{'op':'mlp','layers':[{'weights':[],'bias':[]}]} | layer 0 'weights' is empty",
        "{'op':'mlp','layers':[{'weights':[[1],[1,2]],'bias':[1,2]}]} | rows of different lengths",
        "{'op':'mlp','layers':[{'weights':[[1]],'bias':[1,2]}]} | 1 rows of weights and 2 biases",
        "{'op':'mlp','layers':[{'weights':[['a']],'bias':[1]}]} | must hold finite numbers only",
        "{'op':'mlp','layers':[{'weights':[[1e39]],'bias':[1]}]} | must hold finite numbers only",
        "{'op':'mlp','layers':[{'weights':[[1]],'bias':[1],'activation':'tanh'}]} | 'tanh'",
        "{'op':'mlp','layers':[{'weights':[[1]],'bias':[1],'x':1}]} | unknown key 'x'",
        "{'op':'mlp','layers':[{'weights':[[1],[1]],'bias':[1,1]},{'weights':[[1]],'bias':[1]}]}"
            + " | layer 1 takes 1 values, the one before gives 2",
        "{'op':'identity' | no valid JSON object",
        "[] | no valid JSON object",
        "null | no valid JSON object"
      })
  void rejectsAModelAndSaysWhy(String json, String reason) {
    assertRejected(json.replace('\'', '"').getBytes(StandardCharsets.UTF_8), reason);
  }

  @Test
  void rejectsContentThatWouldBloatTheParser() {
    assertRejected(new byte[ModelFile.MAX_BYTES + 1], "more than 16777216 bytes");
    assertRejected(
        "{\"a\":".repeat(5000).getBytes(StandardCharsets.UTF_8), "nested deeper than 16");
    assertRejected(
        ("{\"op\":[" + "[],".repeat(300_000) + "[]]}").getBytes(StandardCharsets.UTF_8),
        "more than 200000 arrays");
    assertRejected(new byte[] {'{', '"', (byte) 0xC3, '"', ':', '1', '}'}, "not UTF-8");
    assertRejected(new byte[0], "no valid JSON object");
  }

  private void assertRejected(byte[] content, String reason) {
    McpException refused = catchThrowableOfType(McpException.class, () -> load(content));
    assertThat(refused).isNotNull();
    assertThat(refused.code()).isEqualTo(ErrorCode.MODEL_REJECTED);
    assertThat(refused).hasMessageStartingWith("reference model: ").hasMessageContaining(reason);
  }

  private static void assertInvalid(LoadedModel model, String message, Tensor... inputs) {
    McpException refused = failure(model, List.of(inputs));
    assertThat(refused.code()).isEqualTo(ErrorCode.INVALID_TENSOR);
    assertThat(refused).hasMessageContaining(message);
  }

  private static McpException failure(LoadedModel model, List<Tensor> inputs) {
    return catchThrowableOfType(
        McpException.class, () -> model.infer(inputs, List.of(), new RunControl()));
  }

  private Tensor add(String type, Tensor first, Tensor second) {
    LoadedModel model = load("{'op':'add','dtype':'" + type + "'}");
    return model.infer(List.of(first, second), List.of(), new RunControl()).get(0);
  }

  private static Tensor zeros(String name, DataType type, int elements) {
    int bytes = type.isFixedSize() ? (int) type.byteLength(elements) : elements;
    Tensor blank = Tensor.of(name, new byte[bytes]);
    return Tensor.of(name, type, new long[] {elements}, blank.data());
  }

  private LoadedModel load(String json) {
    return load(json.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
  }

  private LoadedModel load(byte[] content) {
    try {
      Path file = Files.write(Files.createTempFile(directory, "model", ".json"), content);
      return runtime.load(file, Map.of());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
