package io.modelcontrol.serving;

import static io.modelcontrol.testing.TestNode.await;
import static io.modelcontrol.testing.TestNode.failure;
import static org.assertj.core.api.Assertions.assertThat;

import io.modelcontrol.DataType;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.Tensor;
import io.modelcontrol.client.Cancellation;
import io.modelcontrol.client.InferenceRequest;
import io.modelcontrol.client.InferenceResult;
import io.modelcontrol.client.McpClient;
import io.modelcontrol.runtime.MessageBus;
import io.modelcontrol.runtime.ModelHostOptions;
import io.modelcontrol.server.McpServerOptions;
import io.modelcontrol.testing.TestNode;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageType;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.nio.file.Path;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Requests that come again, over real sockets, to a model that answers when the test says so. */
class IdempotencyTest {
  private static final String TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

  @TempDir Path store;
  private final Queue<io.vertx.core.eventbus.Message<Message>> runs = new ConcurrentLinkedQueue<>();
  private final Queue<String> canceled = new ConcurrentLinkedQueue<>();
  private final byte[] id = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
  private TestNode node;
  private McpClient client;
  private int executions;

  @BeforeEach
  void start() throws Exception {
    node =
        new TestNode(
            new ModelHostOptions().setStore(store.toString()),
            new McpServerOptions(),
            new ServingOptions().setIdempotencyRecords(2).setTimeoutMs(20_000));
    node.vertx().eventBus().consumer(MessageBus.modelAddress("m", null), runs::add);
    node.vertx()
        .eventBus()
        .<String>consumer(MessageBus.CANCEL, message -> canceled.add(message.body()));
    client = node.client();
  }

  @AfterEach
  void stop() throws Exception {
    node.close();
  }

  private InferenceRequest request(float... values) {
    return InferenceRequest.of("m", Tensor.of("x", values)).requestId(id);
  }

  /** Waits for the next execution. */
  private io.vertx.core.eventbus.Message<Message> nextRun() {
    Awaitility.await().atMost(20, TimeUnit.SECONDS).until(() -> !runs.isEmpty());
    return runs.poll();
  }

  /** Answers an execution with its number, in pooled memory as ONNX Runtime's answers are. */
  private ByteBuf answer(io.vertx.core.eventbus.Message<Message> run) {
    run.body().release();
    ByteBuf data = PooledByteBufAllocator.DEFAULT.directBuffer(4).writeIntLE(++executions);
    Tensor number = Tensor.of("n", DataType.INT32, new long[] {1}, data);
    run.reply(Message.of(MessageType.INFERENCE_RESULT).tensor(number), MessageBus.delivery());
    return data;
  }

  private static int number(Future<InferenceResult> result) throws Exception {
    return await(result).first().toInts()[0];
  }

  @Test
  void theSameIdTwiceAtATimeExecutesOnceAndAnswersBoth() throws Exception {
    McpClient other = node.client();
    Future<InferenceResult> first = client.infer(request(1, 2));
    io.vertx.core.eventbus.Message<Message> run = nextRun();
    Future<InferenceResult> second = other.infer(request(1, 2));
    Future<InferenceResult> third = client.infer(request(1, 2));
    await(other.ping());
    await(client.ping());
    answer(run);
    assertThat(number(first)).isEqualTo(1);
    assertThat(number(second)).isEqualTo(1);
    assertThat(number(third)).isEqualTo(1);
    assertThat(runs).isEmpty();
  }

  @Test
  void theSameIdLaterGetsTheRecordedAnswer() throws Exception {
    Future<InferenceResult> first = client.infer(request(1, 2));
    answer(nextRun());
    assertThat(number(first)).isEqualTo(1);
    assertThat(number(client.infer(request(1, 2).timeoutMs(77)))).isEqualTo(1);
    assertThat(number(node.client().infer(request(1, 2)))).isEqualTo(1);
    assertThat(runs).isEmpty();
  }

  @Test
  void aSmallAnswerThatIsRecordedHoldsNoMemoryOfItsWorker() throws Exception {
    Future<InferenceResult> first = client.infer(request(1, 2));
    ByteBuf data = answer(nextRun());
    await(first);
    Awaitility.await().atMost(20, TimeUnit.SECONDS).until(() -> data.refCnt() == 0);
    assertThat(number(client.infer(request(1, 2)))).isEqualTo(1);
    assertThat(runs).isEmpty();
  }

  @Test
  void anotherPayloadUnderTheSameIdIsAConflict() throws Exception {
    Future<InferenceResult> first = client.infer(request(1, 2));
    answer(nextRun());
    await(first);
    McpException conflict = failure(client.infer(request(1, 3)));
    assertThat(conflict.code()).isEqualTo(ErrorCode.IDEMPOTENCY_CONFLICT);
    assertThat(number(client.infer(request(1, 2)))).isEqualTo(1);
    assertThat(runs).isEmpty();
  }

  @Test
  void executesAgainAfterTheRecordWasEvicted() throws Exception {
    Future<InferenceResult> first = client.infer(request(1));
    answer(nextRun());
    await(first);
    for (int i = 0; i < 2; i++) {
      Future<InferenceResult> other = client.infer("m", Tensor.of("x", new float[] {1}));
      answer(nextRun());
      await(other);
    }
    Future<InferenceResult> again = client.infer(request(1));
    answer(nextRun());
    assertThat(number(again)).isEqualTo(4);
  }

  @Test
  void aFailureIsNotRecorded() throws Exception {
    Future<InferenceResult> first = client.infer(request(1));
    io.vertx.core.eventbus.Message<Message> run = nextRun();
    run.body().release();
    run.reply(
        Message.error(McpException.streamError(ErrorCode.INVALID_TENSOR, "no")),
        MessageBus.delivery());
    assertThat(failure(first).code()).isEqualTo(ErrorCode.INVALID_TENSOR);
    Future<InferenceResult> again = client.infer(request(1));
    answer(nextRun());
    assertThat(number(again)).isEqualTo(1);
  }

  @Test
  void whoBeganMayLeaveWhileAnotherWaits() throws Exception {
    McpClient other = node.client();
    Cancellation cancellation = new Cancellation();
    Future<InferenceResult> first = client.infer(request(1), cancellation);
    io.vertx.core.eventbus.Message<Message> run = nextRun();
    Future<InferenceResult> second = other.infer(request(1));
    await(other.ping());
    cancellation.cancel();
    assertThat(failure(first).code()).isEqualTo(ErrorCode.REQUEST_CANCELED);
    await(client.close());
    assertThat(canceled).isEmpty();
    answer(run);
    assertThat(number(second)).isEqualTo(1);
  }

  @Test
  void theLastWhoLeavesCancelsTheRun() throws Exception {
    McpClient other = node.client();
    Cancellation cancellation = new Cancellation();
    Future<InferenceResult> first = client.infer(request(1), cancellation);
    io.vertx.core.eventbus.Message<Message> run = nextRun();
    Future<InferenceResult> second = other.infer(request(1));
    await(other.ping());
    await(other.close());
    assertThat(failure(second).code()).isEqualTo(ErrorCode.NETWORK_CONNECTION_CLOSED);
    cancellation.cancel();
    failure(first);
    Awaitility.await().atMost(20, TimeUnit.SECONDS).until(() -> canceled.size() == 1);
    assertThat(canceled).containsExactly(run.headers().get(MessageBus.CALL_ID));
    answer(run);
    Future<InferenceResult> again = client.infer(request(1));
    answer(nextRun());
    assertThat(number(again)).isEqualTo(2);
  }

  @Test
  void whoAttachedIsBoundByItsOwnDeadline() throws Exception {
    Future<InferenceResult> first = client.infer(request(1));
    io.vertx.core.eventbus.Message<Message> run = nextRun();
    McpException late = failure(client.infer(request(1).timeoutMs(50)));
    assertThat(late.code()).isEqualTo(ErrorCode.DEADLINE_EXCEEDED);
    assertThat(canceled).isEmpty();
    answer(run);
    assertThat(number(first)).isEqualTo(1);
  }

  @Test
  void aStatusEchoesTheTraceOfItsRequest() throws Exception {
    Message bad = Message.of(MessageType.INFERENCE_REQ).modelName("../m").traceparent(TRACE);
    assertThat(statusOf(bad).traceparent()).isEqualTo(TRACE);
    Message failing = Message.of(MessageType.INFERENCE_REQ).modelName("m").traceparent(TRACE);
    Future<Message> status = answerOf(failing.tensor(Tensor.of("x", new float[] {1})));
    io.vertx.core.eventbus.Message<Message> run = nextRun();
    run.body().release();
    run.reply(
        Message.error(McpException.streamError(ErrorCode.RUNTIME_FAILURE, "broke")),
        MessageBus.delivery());
    Message told = await(status);
    assertThat(told.traceparent()).isEqualTo(TRACE);
    assertThat(told.status()).isEqualTo(ErrorCode.RUNTIME_FAILURE);
    assertThat(told.level()).isEqualTo(ErrorCode.RUNTIME_FAILURE.level());
  }

  @Test
  void aStatusHasNoTraceWhereNoneCame() throws Exception {
    Message bad = Message.of(MessageType.INFERENCE_REQ).modelName("../m");
    assertThat(statusOf(bad).traceparent()).isNull();
  }

  private Message statusOf(Message request) throws Exception {
    return await(answerOf(request));
  }

  /** The first message that comes back on a stream, whatever it tells. */
  private Future<Message> answerOf(Message request) {
    return client.stream()
        .compose(
            stream -> {
              Promise<Message> first = Promise.promise();
              stream.handler(message -> first.tryComplete(message.toHeap()));
              stream.end(request);
              return first.future();
            });
  }
}
