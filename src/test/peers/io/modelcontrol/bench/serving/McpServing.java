package io.modelcontrol.bench.serving;

import io.modelcontrol.DataType;
import io.modelcontrol.Tensor;
import io.modelcontrol.bench.echo.Echo;
import io.modelcontrol.bench.echo.Sockets;
import io.modelcontrol.client.InferenceRequest;
import io.modelcontrol.client.InferenceResult;
import io.modelcontrol.client.McpClient;
import io.modelcontrol.client.McpClientOptions;
import io.modelcontrol.client.ModelUpload;
import io.modelcontrol.runtime.ModelHostOptions;
import io.modelcontrol.server.McpServerOptions;
import io.modelcontrol.serving.ServingOptions;
import io.modelcontrol.testing.TestNode;
import io.vertx.core.Context;
import io.vertx.core.Future;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/**
 * A node of this project with its defaults but for where the model runs, and one client on an event
 * loop of its own.
 */
final class McpServing implements Echo {
  private static final String MODEL = "model";

  private final Sample sample;
  private final Path store;
  private final TestNode node;
  private final InferenceRequest request;
  private McpClient client;
  private Context context;

  McpServing(Sample sample, String isolation) throws IOException, TimeoutException {
    this(sample, isolation, 1);
  }

  /**
   * A node.
   *
   * @param batch requests that may run as one
   */
  McpServing(Sample sample, String isolation, int batch) throws IOException, TimeoutException {
    this.sample = sample;
    store = Files.createTempDirectory("mcp-bench");
    node =
        new TestNode(
            Sockets.vertx(),
            new ModelHostOptions().setStore(store.toString()).setIsolation(isolation),
            new McpServerOptions(),
            new ServingOptions());
    TestNode.await(node.vertx().deployVerticle(this::connect));
    TestNode.await(
        client.load(
            ModelUpload.of(MODEL, "1", sample.model())
                .parameter("batch.max-size", Integer.toString(batch))));
    request =
        InferenceRequest.of(
            MODEL, Tensor.of(sample.input(), DataType.FLOAT, sample.freshData(), sample.shape()));
  }

  private Future<?> connect(Context clientContext) {
    context = clientContext;
    client = McpClient.create(node.vertx(), new McpClientOptions().setPort(node.port()));
    return client.connect();
  }

  @Override
  public void execute(Runnable task) {
    context.runOnContext(v -> task.run());
  }

  @Override
  public void call(Caller caller) {
    client.infer(request).onComplete(result -> answered(result, caller), caller::failed);
  }

  private void answered(InferenceResult result, Caller caller) {
    sample.check(result.first().bytes());
    caller.answered(result.first().byteLength());
  }

  @Override
  public void close() throws TimeoutException {
    TestNode.await(client.close());
    node.close();
    try (Stream<Path> files = Files.walk(store)) {
      files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
    } catch (IOException e) {
      throw new IllegalStateException("the store of the benchmark is still there", e);
    }
  }
}
