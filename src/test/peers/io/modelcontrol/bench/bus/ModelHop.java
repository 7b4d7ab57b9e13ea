package io.modelcontrol.bench.bus;

import io.modelcontrol.DataType;
import io.modelcontrol.Tensor;
import io.modelcontrol.bench.echo.Echo;
import io.modelcontrol.client.McpClient;
import io.modelcontrol.client.ModelUpload;
import io.modelcontrol.runtime.MessageBus;
import io.modelcontrol.testing.TestNode;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageType;
import io.netty.buffer.ByteBuf;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/** To a worker of a model that answers what it was asked, through the queue of its host. */
final class ModelHop extends Hop {
  private static final String NAME = "identity";

  private final TestNode node;
  private final Path store;
  private final MessageBus bus;
  private final ByteBuf payload;

  static ModelHop open(int payloadBytes) throws IOException, TimeoutException {
    Path store = Files.createTempDirectory("mcp-bench");
    TestNode node = new TestNode(store);
    McpClient client = node.client();
    String model = "{\"op\": \"identity\", \"dtype\": \"UINT8\"}";
    await(client.load(ModelUpload.of(NAME, "1", model.getBytes(StandardCharsets.UTF_8))));
    return new ModelHop(node, store, payloadBytes);
  }

  private ModelHop(TestNode node, Path store, int payloadBytes) throws TimeoutException {
    super(node.vertx());
    this.node = node;
    this.store = store;
    bus = new MessageBus(node.vertx());
    payload = Echo.payload(payloadBytes);
  }

  @Override
  public void call(Caller asker) {
    Message request = Message.of(MessageType.INFERENCE_REQ).modelName(NAME);
    long[] shape = {payload.readableBytes()};
    request.tensor(Tensor.of("input", DataType.UINT8, shape, payload.duplicate()));
    bus.request(MessageBus.modelAddress(NAME, null), request, MessageBus.delivery())
        .onComplete(
            answer -> {
              check(answer.body().tensors().get(0).byteLength() == payload.readableBytes());
              answer.body().release();
              asker.answered(0);
            },
            asker::failed);
  }

  @Override
  public void close() throws TimeoutException {
    super.close();
    node.close();
    try (Stream<Path> files = Files.walk(store)) {
      files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
    } catch (IOException e) {
      throw new IllegalStateException("the store of the benchmark is still there", e);
    }
  }
}
