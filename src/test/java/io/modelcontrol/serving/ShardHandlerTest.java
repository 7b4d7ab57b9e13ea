package io.modelcontrol.serving;

import static io.modelcontrol.testing.TestNode.await;
import static io.modelcontrol.testing.TestNode.failure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.modelcontrol.DataType;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.Tensor;
import io.modelcontrol.client.Cancellation;
import io.modelcontrol.client.InferenceRequest;
import io.modelcontrol.client.InferenceResult;
import io.modelcontrol.client.McpClient;
import io.modelcontrol.client.McpClientOptions;
import io.modelcontrol.server.McpServer;
import io.modelcontrol.server.McpServerOptions;
import io.modelcontrol.server.McpServerRequest;
import io.modelcontrol.session.transport.McpStream;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageType;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Requests in pieces over a socket; a handler that gives the tensors back stands for the model. */
@Timeout(120)
class ShardHandlerTest {
  private static final int MESSAGE_BYTES = 64 * 1024;
  private static final int MAX_BYTES = 2 * 1024 * 1024;

  private final Vertx vertx = Vertx.vertx();
  private final AtomicInteger whole = new AtomicInteger();
  private final AtomicInteger streams = new AtomicInteger();
  private final ServingOptions options = new ServingOptions().setMaxAssembledBytes(MAX_BYTES);
  private final ShardHandler handler = new ShardHandler(vertx, options, this::giveBack);
  private McpClient client;

  @AfterEach
  void stop() throws Exception {
    assertThat(handler.heldBytes()).isZero();
    await(client.close());
    await(vertx.close());
  }

  private void start() throws Exception {
    start(
        request -> {
          streams.incrementAndGet();
          handler.handle(request);
        });
  }

  private void start(Handler<McpServerRequest> streamHandler) throws Exception {
    McpServer server =
        McpServer.create(
            vertx,
            new McpServerOptions()
                .setPort(0)
                .setStreamWindowBytes(MESSAGE_BYTES)
                .setMaxMessageBytes(MESSAGE_BYTES));
    server.requestHandler(MessageType.INFERENCE_REQ, this::giveBack);
    server.requestHandler(MessageType.INFERENCE_STREAM, streamHandler);
    await(server.listen());
    client = McpClient.create(vertx, new McpClientOptions().setPort(server.actualPort()));
    await(client.connect());
  }

  private void giveBack(McpServerRequest request) {
    whole.incrementAndGet();
    Message answer = Message.of(MessageType.INFERENCE_RESULT);
    request.message().tensors().forEach(answer::tensor);
    request.message().parameters().forEach(answer::parameter);
    request.reply(answer);
  }

  @Test
  void sendsInPiecesWhatIsTooLargeForAMessage() throws Exception {
    start();
    float[] values = random(400_002);
    Tensor small = Tensor.of("small", new String[] {"a", "b"});
    Tensor large = Tensor.of("large", values, 3, 133_334);
    InferenceRequest request = InferenceRequest.of("m", small, large).parameter("k", "v");
    InferenceResult result = await(client.infer(request));
    assertThat(result.tensor("large").shape()).containsExactly(3, 133_334);
    assertThat(result.tensor("large").toFloats()).containsExactly(values);
    assertThat(result.tensor("small").toStrings()).containsExactly("a", "b");
    assertThat(result.parameters()).containsOnlyKeys("k");
    assertThat(streams).hasValue(1);
  }

  @Test
  void dividesManyTensorsThatAreTooLargeTogether() throws Exception {
    start();
    InferenceRequest request = InferenceRequest.of("m");
    float[] values = random(4_000);
    for (int i = 0; i < 20; i++) {
      request.input(Tensor.of("t" + i, values));
    }
    InferenceResult result = await(client.infer(request));
    assertThat(result.tensors()).hasSize(20);
    assertThat(result.tensors()).allMatch(t -> Arrays.equals(t.toFloats(), values));
  }

  @Test
  void sendsAsOneMessageWhatFits() throws Exception {
    start();
    await(client.infer("m", Tensor.of("x", random(10_000))));
    assertThat(whole).hasValue(1);
    assertThat(streams).hasValue(0);
  }

  @Test
  void sendsPiecesOfTheSizeThatIsAskedFor() throws Exception {
    AtomicInteger messages = new AtomicInteger();
    Promise<Integer> largest = Promise.promise();
    AtomicInteger max = new AtomicInteger();
    start(
        request -> {
          request.message().release();
          request.stream()
              .handler(
                  message -> {
                    messages.incrementAndGet();
                    max.accumulateAndGet(message.tensors().get(0).byteLength(), Math::max);
                    message.release();
                  })
              .endHandler(
                  v -> {
                    largest.complete(max.get());
                    request.reply(Message.of(MessageType.INFERENCE_RESULT));
                  });
        });
    Tensor tensor = Tensor.of("x", random(10_000));
    await(client.infer(InferenceRequest.of("m", tensor).shardBytes(1024)));
    assertThat(await(largest.future())).isEqualTo(1024);
    assertThat(messages).hasValue(40);
  }

  @Test
  void keepsTheTensorWhereItIsAndQueuesNoMoreThanTheWindow() throws Exception {
    Promise<McpServerRequest> opened = Promise.promise();
    start(
        request -> {
          request.message().release();
          request.stream().pause();
          opened.complete(request);
        });
    ByteBuf data = Unpooled.wrappedBuffer(new byte[4 * 1024 * 1024]);
    Tensor tensor = Tensor.of("x", DataType.UINT8, new long[] {data.capacity()}, data);
    Cancellation cancellation = new Cancellation();
    Future<InferenceResult> result =
        client.infer(InferenceRequest.of("m", tensor).shardBytes(16 * 1024), cancellation);
    McpServerRequest request = await(opened.future());
    // Each slice that waits in a queue, or for the socket, is one more owner of the data.
    await(client.ping());
    assertThat(data.refCnt()).isBetween(2, 12);
    cancellation.cancel();
    assertThat(failure(result).code()).isEqualTo(ErrorCode.REQUEST_CANCELED);
    await().untilAsserted(() -> assertThat(data.refCnt()).isEqualTo(1));
    assertThat(request.stream()).isNotNull();
  }

  @Test
  void refusesMoreThanItMayHoldAndTheSessionGoesOn() throws Exception {
    start();
    Tensor large = Tensor.of("x", new float[MAX_BYTES / 4 + 1]);
    McpException error = failure(client.infer("m", large));
    assertThat(error.code()).isEqualTo(ErrorCode.MESSAGE_TOO_LARGE);
    assertThat(error).hasMessageContaining("" + MAX_BYTES);
    assertThat(await(client.infer("m", Tensor.of("x", random(3)))).tensors()).hasSize(1);
  }

  @Test
  void givesUpARequestThatDoesNotBecomeWholeInTime() throws Exception {
    start();
    Promise<Message> answer = Promise.promise();
    open(
        stream ->
            stream
                .handler(answer::complete)
                .write(first().timeoutMs(50).tensor(Tensor.of("x", random(1000)))));
    McpException error = await(answer.future()).toException();
    assertThat(error.code()).isEqualTo(ErrorCode.DEADLINE_EXCEEDED);
    assertThat(whole).hasValue(0);
  }

  @Test
  void givesUpWhatItHoldsWhenTheClientCancels() throws Exception {
    start();
    McpStream opened = open(stream -> stream.write(first().tensor(Tensor.of("x", new byte[4000]))));
    await().until(() -> handler.heldBytes() == 4000);
    await(client.stream().onSuccess(onItsContext -> reset(opened)));
    await().until(() -> handler.heldBytes() == 0);
    assertThat(whole).hasValue(0);
  }

  @Test
  void refusesNewRequestsWhileAllOfThemHoldTooMuch() throws Exception {
    start();
    Promise<Message> refused = Promise.promise();
    List<McpStream> opened = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      opened.add(open(stream -> sendAllButTheEnd(stream.handler(refused::tryComplete))));
    }
    McpException error = await(refused.future()).toException();
    assertThat(error.code()).isEqualTo(ErrorCode.OVERLOADED);
    assertThat(error.retryAfterMs()).isPositive();
    await(client.stream().onSuccess(onItsContext -> opened.forEach(ShardHandlerTest::reset)));
    await().until(() -> handler.heldBytes() == 0);
  }

  private static void sendAllButTheEnd(McpStream stream) {
    stream.write(first());
    for (int sent = 0; sent < MAX_BYTES - 40_000; sent += 40_000) {
      stream.write(
          Message.of(MessageType.INFERENCE_STREAM).tensor(Tensor.of("x", new byte[40_000])));
    }
  }

  /** Streams are used on the client's context only. */
  private McpStream open(Consumer<McpStream> use) throws Exception {
    return await(client.stream().onSuccess(use::accept));
  }

  private static void reset(McpStream stream) {
    stream.reset(McpException.streamError(ErrorCode.REQUEST_CANCELED, "enough"));
  }

  @Test
  void refusesAnotherMessageAmongThePieces() throws Exception {
    start();
    Promise<Message> answer = Promise.promise();
    open(
        stream -> {
          stream.handler(answer::complete).write(first());
          stream.write(Message.of(MessageType.STATE_SYNC));
        });
    assertThat(await(answer.future()).toException().code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
  }

  @Test
  void doesNotDivideWhereTheRequestUsesTheReservedParameters() throws Exception {
    start();
    InferenceRequest request =
        InferenceRequest.of("m", Tensor.of("x", random(100_000))).parameter("mode", "mine");
    McpException error = failure(client.infer(request));
    assertThat(error.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    assertThat(error).hasMessageContaining("'mode'");
  }

  private static Message first() {
    return Message.of(MessageType.INFERENCE_STREAM)
        .modelName("m")
        .parameter("mode", "shards")
        .parameter("shape:x", Integer.toString(MAX_BYTES));
  }

  private static float[] random(int count) {
    Random random = new Random(count);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = random.nextFloat();
    }
    return values;
  }
}
