package io.modelcontrol.it;

import static io.modelcontrol.testing.TestNode.failure;
import static org.assertj.core.api.Assertions.assertThat;

import examples.ClientExamples;
import examples.EmbeddedServer;
import examples.ServerExamples;
import io.modelcontrol.DataType;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.ModelState;
import io.modelcontrol.PreprocessStep;
import io.modelcontrol.Tensor;
import io.modelcontrol.client.Cancellation;
import io.modelcontrol.client.McpClient;
import io.modelcontrol.client.McpClientOptions;
import io.modelcontrol.client.ModelUpload;
import io.modelcontrol.runtime.ModelHost;
import io.modelcontrol.runtime.ModelHostOptions;
import io.modelcontrol.server.McpServer;
import io.modelcontrol.server.McpServerOptions;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageType;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs every example that the guide and the README show. */
class ExamplesTest {
  private static final Path MNIST =
      Path.of("src/test/resources/onnx-pack/models/mnist_cntk/model.onnx");
  private static final String DIGIT = "examples/digit-7.png";
  private static final String ADDER = "{\"op\": \"add\"}";

  /** Gives back what the preprocessing made of an image. */
  private static final String CLASSIFIER =
      "{\"op\": \"identity\", \"dtype\": \"FLOAT\", \"shape\": [1, 2, 2, 1]}";

  private final ServerExamples serverExamples = new ServerExamples();
  private final ClientExamples examples = new ClientExamples();

  @TempDir Path folder;
  private Vertx vertx;

  @BeforeEach
  void start() {
    vertx = Vertx.vertx();
  }

  @AfterEach
  void stop() {
    await(vertx.close());
  }

  @Test
  void embedsAServerLoadsAModelAndInfers() throws IOException {
    McpServer server = listen();
    McpClient client = await(examples.connect(vertx, server.actualPort()));
    assertThat(await(examples.load(client, write(ADDER))).state()).isEqualTo(ModelState.READY);
    assertThat(await(examples.infer(client))).containsExactly(11, 22, 33);
    assertThat(await(examples.inferWithin(client, new Cancellation())).first().toFloats())
        .containsExactly(4, 6);
    await(examples.close(client));
  }

  @Test
  void classifiesAsTheReadmeShows() {
    McpServer server = listen();
    McpClient client = await(examples.connect(vertx, server.actualPort()));
    await(client.load(ModelUpload.of("mnist", "1", MNIST)));
    assertThat(await(examples.classify(client, new float[28 * 28]))).hasSize(10);
    await(client.close());
  }

  @Test
  void recognizesTheDigitOfTheReadmeByItsChain() throws IOException {
    String readme = Files.readString(Path.of("README.adoc"));
    String chain = readme.replaceAll("(?s).*--preprocess '([^']*)'.*", "$1");
    assertThat(readme).contains("Input3=" + DIGIT);
    McpClient client = await(examples.connect(vertx, listen().actualPort()));
    await(client.load(ModelUpload.of("mnist", "1", MNIST).parameter("preprocess", chain)));
    float[] scores = await(client.infer("mnist", pixels())).first().toFloats();
    assertThat(indexOfLargest(scores)).isEqualTo(7);
    await(client.close());
  }

  private static Tensor pixels() throws IOException {
    BufferedImage image = ImageIO.read(Path.of(DIGIT).toFile());
    byte[] gray = new byte[image.getWidth() * image.getHeight()];
    image.getRaster().getDataElements(0, 0, image.getWidth(), image.getHeight(), gray);
    return Tensor.of("Input3", gray, image.getHeight(), image.getWidth(), 1);
  }

  private static int indexOfLargest(float[] scores) {
    int best = 0;
    for (int i = 1; i < scores.length; i++) {
      best = scores[i] > scores[best] ? i : best;
    }
    return best;
  }

  @Test
  void preprocessesAnImage() throws IOException {
    McpServer server = listen();
    McpClient client = await(examples.connect(vertx, server.actualPort()));
    List<PreprocessStep> steps =
        await(examples.loadWithPreprocessing(client, write(CLASSIFIER))).preprocess();
    assertThat(steps).extracting(PreprocessStep::op).startsWith("Resize", "Color");
    Tensor image = Tensor.of("input", new byte[4 * 4 * 3], 4, 4, 3);
    assertThat(await(client.infer("classifier", image)).first().toFloats())
        .containsExactly(-1, -1, -1, -1);
    await(client.close());
  }

  @Test
  void fallsBackWhereTheModelIsNotThere() {
    McpServer server = listen();
    McpClient client = await(examples.connect(vertx, server.actualPort()));
    float[] fallback = {0};
    assertThat(await(examples.handleErrors(client, fallback))).isSameAs(fallback);
    await(client.close());
  }

  @Test
  void watchesModels() throws IOException {
    McpServer server = listen();
    McpClient client = await(examples.connect(vertx, server.actualPort()));
    await(examples.load(client, write(ADDER)));
    await(await(examples.watch(client)).cancel());
    await(client.close());
  }

  @Test
  void answersMessagesOfTheApplication() {
    McpServer server = McpServer.create(vertx, new McpServerOptions().setPort(0));
    serverExamples.sessions(serverExamples.ownMessages(server));
    await(server.listen());
    McpClient client = await(examples.connect(vertx, server.actualPort()));
    assertThat(await(examples.greet(client))).isEqualTo("Hello, Ada");
    await(client.close());
  }

  @Test
  void makesTensors() {
    List<Tensor> tensors = examples.tensors(ByteBuffer.allocate(4));
    assertThat(tensors)
        .extracting(Tensor::dataType)
        .containsExactly(DataType.FLOAT, DataType.STRING, DataType.FLOAT16);
    assertThat(tensors.get(0).shape()).containsExactly(2, 3);
  }

  @Test
  void limitsOfASmallDeviceAreEnforced() throws Exception {
    McpServer server = McpServer.create(vertx, serverExamples.smallDevice().setPort(0));
    await(server.listen());
    McpClient client = await(examples.connect(vertx, server.actualPort()));
    Tensor large = Tensor.of("a", new float[2 * 1024 * 1024]);
    Message whole = Message.of(MessageType.INFERENCE_REQ).modelName("adder").tensor(large);
    Future<?> refused = client.request(whole);
    McpException error = failure(refused);
    assertThat(error.code()).isEqualTo(ErrorCode.MESSAGE_TOO_LARGE);
    await(client.close());
  }

  @Test
  void stopsInOrder() {
    ModelHost host = new ModelHost(vertx, new ModelHostOptions().setStore(store()));
    McpServer server = McpServer.create(vertx, new McpServerOptions().setPort(0));
    await(host.start());
    await(server.listen());
    await(serverExamples.stop(server, host));
    assertThat(server.sessionCount()).isZero();
  }

  @Test
  void deploysTheEmbeddedServer() {
    JsonObject config = new JsonObject().put("store", store()).put("port", 0);
    String id =
        await(
            vertx.deployVerticle(new EmbeddedServer(), new DeploymentOptions().setConfig(config)));
    await(vertx.undeploy(id));
    assertThat(vertx.deploymentIDs()).isEmpty();
  }

  @Test
  void readsTheServerFromAUri() {
    assertThat(McpClientOptions.fromUri("mcp://edge-7:9002").getPort()).isEqualTo(9002);
  }

  private McpServer listen() {
    return await(serverExamples.listen(vertx, store(), 0));
  }

  private String store() {
    return folder.resolve("models").toString();
  }

  private Path write(String model) throws IOException {
    return Files.writeString(folder.resolve("model.json"), model);
  }

  private static <T> T await(Future<T> future) {
    return future.toCompletionStage().toCompletableFuture().orTimeout(30, TimeUnit.SECONDS).join();
  }
}
