package io.modelcontrol.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import examples.ServerExamples;
import io.modelcontrol.server.McpServer;
import io.modelcontrol.testing.onnx.TensorProto;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A client that was written from the specification alone meets a real server. */
class PythonClientTest {
  private static final Path CLIENT = Path.of("examples/python/mcp_client.py");
  private static final String MNIST = "/onnx-pack/models/mnist_cntk/";
  private static final int MODEL_BYTES_BEYOND_THE_WINDOW = 3 * 1024 * 1024;

  private record Outcome(int exit, String out, String err) {}

  @TempDir Path folder;
  private Vertx vertx;
  private McpServer server;

  @BeforeEach
  void start() {
    assumeTrue(hasPython(), "python3 is present");
    vertx = Vertx.vertx();
    server =
        new ServerExamples()
            .listen(vertx, folder.resolve("store").toString(), 0)
            .toCompletionStage()
            .toCompletableFuture()
            .join();
  }

  @AfterEach
  void stop() {
    if (vertx != null) {
      vertx.close().toCompletionStage().toCompletableFuture().join();
    }
  }

  @Test
  void pingsAServer() {
    assertThat(succeeded("ping").out()).endsWith("ms\n");
  }

  @Test
  void listsNothingOnAnEmptyServer() {
    assertThat(succeeded("list").out()).isEmpty();
  }

  @Test
  void loadsAModelByContentAndInfers() {
    Path model = write("add.json", "{\"op\": \"add\", \"dtype\": \"INT64\"}");
    Path input = write("input.json", "{\"a\": [1, 2, 3], \"b\": [10, 20, -30]}");

    Outcome loaded = succeeded("load", "add", model.toString(), "1");
    Outcome inferred = succeeded("infer", "add", input.toString());

    assertThat(loaded.out()).isEqualTo("add 1 READY\n");
    assertThat(loaded.err()).startsWith("0/");
    assertThat(new JsonObject(inferred.out()).getJsonObject("sum").getJsonArray("data"))
        .isEqualTo(JsonArray.of(11, 22, -27));
    assertThat(succeeded("list").out()).startsWith("add 1 READY reference ").contains("a,b -> sum");
  }

  @Test
  void sendsNoContentThatTheServerHas() {
    Path model = write("identity.json", "{\"op\": \"identity\"}");
    succeeded("load", "one", model.toString(), "1");

    Outcome again = succeeded("load", "two", model.toString(), "1");

    assertThat(again.out()).isEqualTo("two 1 READY\n");
    assertThat(again.err()).isEmpty();
  }

  @Test
  void obeysTheWindowsWithContentAndTensorsBeyondThem() {
    String blanks = " ".repeat(MODEL_BYTES_BEYOND_THE_WINDOW);
    Path model = write("large.json", "{\"op\": \"identity\"}" + blanks);
    JsonArray million = new JsonArray();
    for (int i = 0; i < 1_000_000; i++) {
      million.add(i);
    }
    JsonObject tensor = new JsonObject().put("dtype", "FLOAT").put("data", million);
    Path input = write("large-input.json", new JsonObject().put("input", tensor).encode());

    succeeded("load", "large", model.toString(), "1");
    Outcome inferred = succeeded("infer", "large", input.toString());

    JsonObject output = new JsonObject(inferred.out()).getJsonObject("output");
    assertThat(output.getJsonArray("shape")).isEqualTo(JsonArray.of(1_000_000));
    assertThat(output.getJsonArray("data").getDouble(999_999)).isEqualTo(999_999);
  }

  @Test
  void unloadsAModel() {
    Path model = write("identity.json", "{\"op\": \"identity\"}");
    succeeded("load", "gone", model.toString(), "1");

    succeeded("unload", "gone", "1");

    assertThat(succeeded("list").out()).isEmpty();
  }

  @Test
  void tellsTheErrorOfTheServer() {
    Path input = write("input.json", "{\"x\": [1.0]}");

    Outcome failed = run("infer", "nobody", input.toString());

    assertThat(failed.exit()).isEqualTo(1);
    assertThat(failed.err()).startsWith("0x0201 (CRITICAL): no model 'nobody'");
  }

  @Test
  void tellsThatAModelIsRejected() {
    Path model = write("broken.json", "{\"op\": \"nothing\"}");

    Outcome failed = run("load", "broken", model.toString(), "1");

    assertThat(failed.exit()).isEqualTo(1);
    assertThat(failed.err()).contains("0x0205 (CRITICAL)").contains("unknown op 'nothing'");
  }

  @Test
  void recognizesHandwrittenDigits() throws IOException {
    Path model = Files.write(folder.resolve("mnist.onnx"), resource(MNIST + "model.onnx"));
    JsonArray labels =
        new JsonArray(new String(resource(MNIST + "expected_labels.json"), StandardCharsets.UTF_8));
    succeeded("load", "mnist", model.toString(), "1");

    for (int set = 1; set <= 3; set++) {
      JsonObject digit = digit(MNIST + "test_data_set_" + set + "/input_0.pb");
      Outcome inferred =
          succeeded("infer", "mnist", write("digit.json", digit.encode()).toString());
      assertThat(largest(inferred.out())).isEqualTo(labels.getInteger(set));
    }
  }

  private static JsonObject digit(String resource) throws IOException {
    TensorProto proto = TensorProto.parseFrom(resource(resource));
    FloatBuffer pixels =
        proto.getRawData().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
    JsonArray data = new JsonArray();
    while (pixels.hasRemaining()) {
      data.add(pixels.get());
    }
    JsonArray shape = new JsonArray(proto.getDimsList());
    return new JsonObject()
        .put(
            "Input3", new JsonObject().put("dtype", "FLOAT").put("shape", shape).put("data", data));
  }

  private static int largest(String json) {
    JsonObject outputs = new JsonObject(json);
    String only = outputs.fieldNames().iterator().next();
    JsonArray scores = outputs.getJsonObject(only).getJsonArray("data");
    int best = 0;
    for (int i = 1; i < scores.size(); i++) {
      best = scores.getDouble(i) > scores.getDouble(best) ? i : best;
    }
    return best;
  }

  private Outcome succeeded(String... arguments) {
    Outcome outcome = run(arguments);
    assertThat(outcome.exit()).as(outcome.err()).isZero();
    return outcome;
  }

  private Outcome run(String... arguments) {
    List<String> command = new ArrayList<>(List.of("python3", CLIENT.toString(), "127.0.0.1"));
    command.add(Integer.toString(server.actualPort()));
    command.addAll(List.of(arguments));
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    try {
      ProcessBuilder builder = new ProcessBuilder(command);
      builder.environment().put("PYTHONDONTWRITEBYTECODE", "1");
      Process process = builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
      if (!process.waitFor(60, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError("the client did not end: " + command);
      }
      return new Outcome(process.exitValue(), Files.readString(out), Files.readString(err));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private Path write(String name, String text) {
    try {
      return Files.writeString(folder.resolve(name), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream in = PythonClientTest.class.getResourceAsStream(name)) {
      assumeTrue(in != null, "the pack of models is there");
      return in.readAllBytes();
    }
  }

  private static boolean hasPython() {
    try {
      Process process = new ProcessBuilder("python3", "--version").start();
      return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
