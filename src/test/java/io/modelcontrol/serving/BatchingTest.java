package io.modelcontrol.serving;

import static io.modelcontrol.testing.TestNode.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.modelcontrol.DataType;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.Tensor;
import io.modelcontrol.client.Cancellation;
import io.modelcontrol.client.InferenceRequest;
import io.modelcontrol.client.InferenceResult;
import io.modelcontrol.client.McpClient;
import io.modelcontrol.client.McpClientOptions;
import io.modelcontrol.client.ModelUpload;
import io.modelcontrol.client.RetryOptions;
import io.modelcontrol.runtime.ModelHostOptions;
import io.modelcontrol.runtime.ModelIsolation;
import io.modelcontrol.server.McpServerOptions;
import io.modelcontrol.testing.OnnxModels;
import io.modelcontrol.testing.TestNode;
import io.vertx.core.Future;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Requests that are joined on the node: one worker, so that they meet while one of them runs. */
class BatchingTest {
  private static final String ROWS = "batch-rows";
  private static final byte[] SLOW = delay(150);

  @TempDir Path store;
  private TestNode node;
  private McpClient client;

  @BeforeEach
  void start() throws Exception {
    ModelHostOptions host =
        new ModelHostOptions()
            .setStore(store.toString())
            .setIsolation(ModelIsolation.NONE)
            .setWorkersPerModel(1);
    node = new TestNode(host, new McpServerOptions());
    client = node.client(new McpClientOptions().setRetry(new RetryOptions().setMaxAttempts(1)));
  }

  @AfterEach
  void stop() throws Exception {
    node.close();
  }

  @Test
  void requestsThatWaitRunAsOneAndEachGetsItsRows() throws Exception {
    load("slow", SLOW, 8);
    List<Future<InferenceResult>> calls = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      calls.add(client.infer(slow(i, 100 + i)));
    }
    for (int i = 0; i < calls.size(); i++) {
      assertThat(await(calls.get(i)).first().toFloats()).containsExactly(i, 100 + i);
    }
    assertThat(calls)
        .as("a worker was busy with the first when the last came")
        .anySatisfy(call -> assertThat(call.result().parameters()).containsKey(ROWS));
  }

  @Test
  void nothingIsJoinedUnlessTheLoadRequestSaysSo() throws Exception {
    await(client.load(ModelUpload.of("slow", "1", SLOW)));
    List<Future<InferenceResult>> calls = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      calls.add(client.infer(slow(i, i)));
    }
    for (Future<InferenceResult> call : calls) {
      assertThat(await(call).parameters()).doesNotContainKey(ROWS);
    }
  }

  /** Bit for bit what each gets alone, whatever shapes the others have. */
  @Test
  void aBatchAnswersWhatEachRequestIsAnsweredAlone() throws Exception {
    byte[] model = OnnxModels.add(-1, -1);
    load("joined", model, 16);
    await(client.load(ModelUpload.of("alone", "1", model)));
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    List<Future<InferenceResult>> joined = new ArrayList<>();
    List<Future<InferenceResult>> alone = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      int rows = 1 + random.nextInt(3);
      int columns = 1 + random.nextInt(4);
      Tensor a = random("a", random, rows, columns);
      Tensor b = random("b", random, rows, columns);
      joined.add(client.infer(InferenceRequest.of("joined", b, a)));
      alone.add(client.infer(InferenceRequest.of("alone", a, b)));
      if (i % 64 == 63) {
        await(Future.join(joined));
        await(Future.join(alone));
      }
    }
    int batched = 0;
    for (int i = 0; i < joined.size(); i++) {
      InferenceResult result = await(joined.get(i));
      Tensor expected = await(alone.get(i)).first();
      assertThat(result.first().shape()).as("seed " + seed).isEqualTo(expected.shape());
      assertThat(result.first().toByteArray()).as("seed " + seed).isEqualTo(expected.toByteArray());
      batched += result.parameters().containsKey(ROWS) ? 1 : 0;
    }
    assertThat(batched).as("requests that ran in a batch").isPositive();
  }

  /** Element 7 of one request does not exist: the batch fails, and of its members only that one. */
  @Test
  void oneBadRequestFailsAlone() throws Exception {
    load("gather", OnnxModels.gatherRows(), 8);
    List<Future<InferenceResult>> calls = new ArrayList<>();
    for (int i = 0; i < 64; i++) {
      calls.add(client.infer(gather(i % 8 == 5 ? 7 : 1)));
    }
    for (int i = 0; i < calls.size(); i++) {
      Future<InferenceResult> call = calls.get(i);
      if (i % 8 == 5) {
        assertThatThrownBy(() -> await(call)).isInstanceOf(McpException.class);
      } else {
        assertThat(await(call).first().toLongs()).containsExactly(20);
      }
    }
  }

  @Test
  void aRequestOfAnotherShapeThanTheModelsIsRefusedAndHarmsNoBatch() throws Exception {
    load("slow", SLOW, 8);
    List<Future<InferenceResult>> good = new ArrayList<>();
    good.add(client.infer(slow(0, 0)));
    Future<InferenceResult> bad =
        client.infer(InferenceRequest.of("slow", Tensor.of("input", new float[3], 1, 3)));
    for (int i = 1; i < 4; i++) {
      good.add(client.infer(slow(i, i)));
    }
    assertThatThrownBy(() -> await(bad)).satisfies(hasCode(ErrorCode.INVALID_TENSOR));
    assertThat(await(good.get(3)).parameters()).containsKey(ROWS);
  }

  @Test
  void aMemberThatIsCanceledOrOverdueIsAnsweredAtOnceAndTheOthersAreNotHarmed() throws Exception {
    load("slower", delay(600), 8);
    Future<InferenceResult> first = client.infer(InferenceRequest.of("slower", pair(0, 0)));
    await(node.vertx().timer(200, TimeUnit.MILLISECONDS));
    Cancellation cancellation = new Cancellation();
    Future<InferenceResult> canceled =
        client.infer(InferenceRequest.of("slower", pair(1, 1)), cancellation);
    Future<InferenceResult> overdue =
        client.infer(InferenceRequest.of("slower", pair(2, 2)).timeoutMs(900));
    Future<InferenceResult> good = client.infer(InferenceRequest.of("slower", pair(3, 3)));
    await(first);
    node.vertx().setTimer(100, id -> cancellation.cancel());
    assertThatThrownBy(() -> await(canceled)).satisfies(hasCode(ErrorCode.REQUEST_CANCELED));
    assertThat(good.isComplete()).as("the batch still runs").isFalse();
    assertThatThrownBy(() -> await(overdue)).satisfies(hasCode(ErrorCode.DEADLINE_EXCEEDED));
    assertThat(await(good).parameters()).containsEntry(ROWS, "3");
  }

  @Test
  void theRunEndsWhenNobodyWaitsForItAnyMore() throws Exception {
    load("endless", delay(60_000), 8);
    Cancellation alone = new Cancellation();
    Cancellation together = new Cancellation();
    List<Future<InferenceResult>> calls = new ArrayList<>();
    calls.add(client.infer(InferenceRequest.of("endless", pair(0, 0)), alone));
    for (int i = 1; i < 4; i++) {
      calls.add(client.infer(InferenceRequest.of("endless", pair(i, i)), together));
    }
    node.vertx().setTimer(100, id -> alone.cancel());
    node.vertx().setTimer(400, id -> together.cancel());
    for (Future<InferenceResult> call : calls) {
      assertThatThrownBy(() -> await(call)).satisfies(hasCode(ErrorCode.REQUEST_CANCELED));
    }
    await(client.unload("endless", "1"));
  }

  @Test
  void theEarliestDeadlineRunsFirst() throws Exception {
    load("slow", SLOW, 2);
    List<String> order = new ArrayList<>();
    Future<InferenceResult> first = client.infer(slow(0, 0));
    List<Future<InferenceResult>> calls = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      String name = "late" + i;
      calls.add(client.infer(slow(1, 1)).onSuccess(r -> order.add(name)));
    }
    calls.add(client.infer(slow(2, 2).timeoutMs(900)).onSuccess(r -> order.add("soon")));
    await(first);
    await(Future.join(calls));
    assertThat(order.subList(0, 2)).contains("soon");
  }

  @Test
  void aModelWithoutADynamicFirstDimensionIsNotLoadedForBatches() {
    assertThatThrownBy(() -> load("fixed", OnnxModels.identity(DataType.FLOAT, 1, 2), 8))
        .satisfies(hasCode(ErrorCode.INVALID_ARGUMENT))
        .hasMessageContaining("dynamic first dimension");
  }

  @Test
  void parametersOutOfBoundsAreRefused() {
    for (String size : List.of("0", "4097", "many", "-1", "")) {
      assertThatThrownBy(
              () ->
                  await(
                      client.load(
                          ModelUpload.of("slow", "1", SLOW).parameter("batch.max-size", size))))
          .satisfies(hasCode(ErrorCode.INVALID_ARGUMENT));
    }
  }

  private void load(String name, byte[] model, int maxSize) throws Exception {
    await(
        client.load(
            ModelUpload.of(name, "1", model)
                .parameter("batch.max-size", Integer.toString(maxSize))));
  }

  private static byte[] delay(int ms) {
    return ("{\"op\":\"delay\",\"ms\":" + ms + ",\"dtype\":\"FLOAT\",\"shape\":[-1,2]}")
        .getBytes(StandardCharsets.UTF_8);
  }

  private static InferenceRequest slow(float a, float b) {
    return InferenceRequest.of("slow", pair(a, b));
  }

  private static Tensor pair(float a, float b) {
    return Tensor.of("input", new float[] {a, b}, 1, 2);
  }

  private static InferenceRequest gather(long index) {
    return InferenceRequest.of("gather", Tensor.of("i", new long[] {index}, 1));
  }

  private static Tensor random(String name, Random random, int rows, int columns) {
    float[] values = new float[rows * columns];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextFloat();
    }
    return Tensor.of(name, values, rows, columns);
  }

  private static Consumer<Throwable> hasCode(ErrorCode code) {
    return failure -> assertThat(McpException.of(failure).code()).isEqualTo(code);
  }
}
