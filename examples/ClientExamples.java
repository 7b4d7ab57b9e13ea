package examples;

import io.modelcontrol.DataType;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.ErrorLevel;
import io.modelcontrol.McpException;
import io.modelcontrol.ModelDescriptor;
import io.modelcontrol.Tensor;
import io.modelcontrol.client.Cancellation;
import io.modelcontrol.client.InferenceRequest;
import io.modelcontrol.client.InferenceResult;
import io.modelcontrol.client.McpClient;
import io.modelcontrol.client.McpClientOptions;
import io.modelcontrol.client.McpSubscription;
import io.modelcontrol.client.ModelUpload;
import io.modelcontrol.wire.Message;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.docgen.Source;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What the guide shows of the client; its test runs every method. */
@Source(translate = false)
public final class ClientExamples {
  /** Connects; the client is used from then on, from any thread. */
  public Future<McpClient> connect(Vertx vertx, int port) {
    McpClient client = McpClient.create(vertx, new McpClientOptions().setPort(port));
    return client.connect().map(client);
  }

  /** Loads a model; the content is sent only if the server lacks it. */
  public Future<ModelDescriptor> load(McpClient client, Path file) {
    return client.load(
        ModelUpload.of("adder", "1", file)
            .progressHandler(
                p -> System.out.println(p.receivedBytes() + " of " + p.totalBytes() + " bytes")));
  }

  /** Loads a model that takes images, with the chain that prepares them. */
  public Future<ModelDescriptor> loadWithPreprocessing(McpClient client, Path file) {
    return client.load(
        ModelUpload.of("classifier", "1", file)
            .parameter(
                "preprocess",
                "Resize(width=2, height=2); Color(to=GRAY); Cast(dtype=FLOAT);"
                    + " Normalize(mean=128, std=128)"));
  }

  /** Asks a model. */
  public Future<float[]> infer(McpClient client) {
    Tensor a = Tensor.of("a", new float[] {1, 2, 3});
    Tensor b = Tensor.of("b", new float[] {10, 20, 30});
    return client.infer("adder", a, b).map(result -> result.tensor("sum").toFloats());
  }

  /** Connects and asks, as the README shows. */
  public Future<float[]> classify(McpClient client, float[] pixels) {
    return client
        .connect()
        .compose(v -> client.infer("mnist", Tensor.of("Input3", pixels, 1, 1, 28, 28)))
        .map(result -> result.first().toFloats());
  }

  /** A request in detail. */
  public Future<InferenceResult> inferWithin(McpClient client, Cancellation cancellation) {
    InferenceRequest request =
        InferenceRequest.of("adder")
            .version("1")
            .input(Tensor.of("a", new float[] {1, 2}))
            .input(Tensor.of("b", new float[] {3, 4}))
            .output("sum")
            .timeoutMs(500);
    return client.infer(request, cancellation);
  }

  /** Tensors: from arrays, with a shape, over bytes that are there already. */
  public List<Tensor> tensors(ByteBuffer littleEndian) {
    Tensor matrix = Tensor.of("matrix", new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
    Tensor words = Tensor.of("words", new String[] {"cat", "dog"});
    Tensor bytes = Tensor.of("halves", DataType.FLOAT16, littleEndian, 1, 2);
    return List.of(matrix, words, bytes);
  }

  /** Errors have a code for the program, a level that says whether to retry, and a text. */
  public Future<float[]> handleErrors(McpClient client, float[] fallback) {
    return infer(client)
        .recover(
            failure -> {
              McpException error = McpException.of(failure);
              if (error.code() == ErrorCode.MODEL_NOT_FOUND) {
                return Future.succeededFuture(fallback);
              }
              if (error.level() == ErrorLevel.TRANSIENT) {
                long pauseMs = Math.max(50, error.retryAfterMs());
                return Future.future(p -> later(pauseMs, () -> infer(client).onComplete(p)));
              }
              return Future.failedFuture(error);
            });
  }

  private static void later(long pauseMs, Runnable action) {
    Vertx.currentContext().owner().setTimer(pauseMs, id -> action.run());
  }

  /** Follows the models of a server. */
  public Future<McpSubscription> watch(McpClient client) {
    return client.watch(
        models -> models.forEach(m -> System.out.println(m.id() + " is " + m.state())));
  }

  /** Sends a message of the application's own type. */
  public Future<String> greet(McpClient client) {
    return client
        .request(Message.ofApplication(ServerExamples.GREETING).parameter("name", "Ada"))
        .map(answer -> answer.parameters().get("greeting"));
  }

  /** An orderly end. */
  public Future<Void> close(McpClient client) {
    return client.shutdown(5, TimeUnit.SECONDS);
  }
}
