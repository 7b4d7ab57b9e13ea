package io.modelcontrol.serving;

import static io.modelcontrol.testing.TestNode.await;
import static io.modelcontrol.testing.TestNode.failure;
import static org.assertj.core.api.Assertions.assertThat;

import io.modelcontrol.Digest;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.ErrorLevel;
import io.modelcontrol.McpException;
import io.modelcontrol.ModelDescriptor;
import io.modelcontrol.ModelState;
import io.modelcontrol.Tensor;
import io.modelcontrol.client.Cancellation;
import io.modelcontrol.client.InferenceRequest;
import io.modelcontrol.client.InferenceResult;
import io.modelcontrol.client.McpClient;
import io.modelcontrol.client.McpClientOptions;
import io.modelcontrol.client.ModelUpload;
import io.modelcontrol.client.RetryOptions;
import io.modelcontrol.isolation.KillerRuntime;
import io.modelcontrol.isolation.KillerRuntime.Deed;
import io.modelcontrol.runtime.ModelHostOptions;
import io.modelcontrol.server.McpServerOptions;
import io.modelcontrol.testing.TestNode;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageType;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.eventbus.DeliveryContext;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node over a real socket, with models of the runtime in plain Java. */
class ServingTest {
  private static final String ADD = "{\"op\":\"add\",\"dtype\":\"FLOAT\",\"shape\":[-1]}";

  @TempDir Path store;
  private TestNode node;
  private McpClient client;

  @BeforeEach
  void start() throws Exception {
    ModelHostOptions host =
        new ModelHostOptions()
            .setStore(store.toString())
            .setWorkersPerModel(1)
            .setMaxInFlightPerWorker(4);
    node = new TestNode(host, new McpServerOptions());
    client = node.client();
  }

  @AfterEach
  void stop() throws Exception {
    node.close();
  }

  @Test
  void loadsByContentInfersAndUnloads() throws Exception {
    ModelDescriptor descriptor = load("adder", "1", ADD);
    assertThat(descriptor.state()).isEqualTo(ModelState.READY);
    assertThat(descriptor.inputs()).hasSize(2);
    assertThat(add(2, 3)).isEqualTo(5);
    assertThat(await(client.list())).extracting(d -> d.id().toString()).containsExactly("adder/1");
    await(client.unload("adder"));
    assertThat(await(client.list())).isEmpty();
    assertThat(failure(infer("adder")).code()).isEqualTo(ErrorCode.MODEL_NOT_FOUND);
  }

  @Test
  void requestsAndAnswersAreMessagesOfTheEventBus() throws Exception {
    load("adder", "1", ADD);
    List<String> sent = new CopyOnWriteArrayList<>();
    Handler<DeliveryContext<Object>> interceptor =
        delivery -> {
          if (delivery.body() instanceof Message message) {
            sent.add(message.standardType() + " to " + delivery.message().address());
          }
          delivery.next();
        };
    node.vertx().eventBus().addOutboundInterceptor(interceptor);
    assertThat(add(2, 3)).isEqualTo(5);
    node.vertx().eventBus().removeOutboundInterceptor(interceptor);
    assertThat(sent).anyMatch(message -> message.startsWith("INFERENCE_RESULT to "));
  }

  @Test
  void theVersionThatWasLoadedLastIsTheActiveOne() throws Exception {
    load("m", "1", ADD);
    load("m", "2", "{\"op\":\"fail\",\"message\":\"second\"}");
    Future<InferenceResult> active = client.infer("m", floats("input", 1));
    assertThat(failure(active).code()).isEqualTo(ErrorCode.RUNTIME_FAILURE);
    InferenceRequest first = InferenceRequest.of("m", floats("a", 1), floats("b", 2)).version("1");
    assertThat(await(client.infer(first)).first().toFloats()).containsExactly(3);
    await(client.unload("m", "2"));
    assertThat(await(client.infer("m", floats("a", 1), floats("b", 1))).first().toFloats())
        .containsExactly(2);
  }

  @Test
  void aRunThatFailsForWantOfMemoryIsAnsweredAndItsWorkerGoesOn() throws Exception {
    await(client.load(ModelUpload.of("killer", "1", KillerRuntime.model("greedy"))));
    InferenceRequest asks =
        InferenceRequest.of("killer", KillerRuntime.input(Deed.ASK_HEAP)).timeoutMs(20_000);
    assertThat(failure(client.infer(asks)).code()).isEqualTo(ErrorCode.RESOURCE_EXHAUSTED);
    assertThat(await(client.infer("killer", KillerRuntime.input(Deed.NOTHING))).first().toStrings())
        .containsExactly("nothing");
  }

  @Test
  void contentThatTheStoreHasIsNotAskedForAgain() throws Exception {
    load("one", "1", ADD);
    List<Long> sent = new ArrayList<>();
    ModelUpload again =
        ModelUpload.of("two", "1", ADD.getBytes(StandardCharsets.UTF_8))
            .progressHandler(progress -> sent.add(progress.receivedBytes()));
    await(client.load(again));
    assertThat(sent).noneMatch(bytes -> bytes > 0 && bytes < ADD.length());
    assertThat(blobs()).isEqualTo(1);
  }

  @Test
  void aWrongDigestIsRefusedAndLeavesNothingBehind() throws Exception {
    ModelUpload wrong =
        ModelUpload.of("adder", "1", ADD.getBytes(StandardCharsets.UTF_8))
            .digest(Digest.of(new byte[Digest.LENGTH]));
    assertThat(failure(client.load(wrong)).code()).isEqualTo(ErrorCode.MODEL_DIGEST_MISMATCH);
    assertThat(blobs()).isZero();
    assertThat(await(client.list())).isEmpty();
    load("adder", "1", ADD);
  }

  @Test
  void theSameVersionWithOtherContentIsAConflict() throws Exception {
    load("adder", "1", ADD);
    load("adder", "1", ADD);
    Future<ModelDescriptor> other = client.load(upload("adder", "1", ADD + " "));
    assertThat(failure(other).code()).isEqualTo(ErrorCode.UPDATE_CONFLICT);
    assertThat(add(1, 1)).isEqualTo(2);
  }

  @Test
  void contentThatNoRuntimeKnowsIsRejectedAndCanBeReplaced() throws Exception {
    Future<ModelDescriptor> rubbish = client.load(upload("m", "1", "rubbish"));
    assertThat(failure(rubbish).code()).isEqualTo(ErrorCode.MODEL_REJECTED);
    load("m", "1", ADD);
  }

  @Test
  void aNameThatIsNoPlainWordIsRefused() throws Exception {
    Message request =
        Message.of(MessageType.INFERENCE_REQ)
            .modelName("../../etc/passwd")
            .tensor(floats("input", 1));
    McpException refused = failure(client.request(request));
    assertThat(refused.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    assertThat(refused.level()).isEqualTo(ErrorLevel.CRITICAL);
  }

  @Test
  void refusesWhatIsBeyondTheBoundAndTellsWhenToComeBack() throws Exception {
    load("slow", "1", delay(500));
    client = node.client(new McpClientOptions().setRetry(new RetryOptions().setMaxAttempts(1)));
    List<Future<InferenceResult>> calls = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      calls.add(client.infer("slow", floats("input", i)));
    }
    await(Future.join(calls).otherwiseEmpty());
    List<McpException> refused =
        calls.stream().filter(Future::failed).map(c -> McpException.of(c.cause())).toList();
    assertThat(refused).hasSize(4).allMatch(e -> e.code() == ErrorCode.OVERLOADED);
    assertThat(refused).allMatch(e -> e.retryAfterMs() > 0 && e.level() == ErrorLevel.TRANSIENT);
  }

  @Test
  void aPassedDeadlineEndsWhatRunsAndWhatWaits() throws Exception {
    load("slow", "1", delay(30_000));
    Future<InferenceResult> running =
        client.infer(InferenceRequest.of("slow", floats("input", 1)).timeoutMs(200));
    Future<InferenceResult> waiting =
        client.infer(InferenceRequest.of("slow", floats("input", 1)).timeoutMs(200));
    assertThat(failure(running).code()).isEqualTo(ErrorCode.DEADLINE_EXCEEDED);
    assertThat(failure(waiting).code()).isEqualTo(ErrorCode.DEADLINE_EXCEEDED);
    assertWorkerIsFree();
  }

  @Test
  void aCancelFreesTheWorker() throws Exception {
    load("slow", "1", delay(30_000));
    Cancellation cancellation = new Cancellation();
    Future<InferenceResult> running =
        client.infer(InferenceRequest.of("slow", floats("input", 1)), cancellation);
    cancellation.cancel();
    assertThat(failure(running).code()).isEqualTo(ErrorCode.REQUEST_CANCELED);
    assertWorkerIsFree();
  }

  @Test
  void aClosedSessionFreesTheWorker() throws Exception {
    load("slow", "1", delay(30_000));
    McpClient other = node.client();
    Future<InferenceResult> running = other.infer("slow", floats("input", 1));
    await(other.ping());
    await(other.close());
    failure(running);
    assertWorkerIsFree();
  }

  @Test
  void modelsAreServedAgainAfterARestart() throws Exception {
    load("adder", "1", ADD);
    node.close();
    node = new TestNode(store);
    client = node.client();
    assertThat(add(20, 3)).isEqualTo(23);
  }

  @Test
  void changesArePushedToWhoWatches() throws Exception {
    List<Integer> sizes = new java.util.concurrent.CopyOnWriteArrayList<>();
    await(client.watch(models -> sizes.add(models.size())));
    load("adder", "1", ADD);
    org.awaitility.Awaitility.await().atMost(10, TimeUnit.SECONDS).until(() -> sizes.contains(1));
    await(client.unload("adder"));
    org.awaitility.Awaitility.await()
        .atMost(10, TimeUnit.SECONDS)
        .until(() -> sizes.get(sizes.size() - 1) == 0);
  }

  /** To unload waits for what runs: soon only if the worker has been freed. */
  private void assertWorkerIsFree() throws Exception {
    client.unload("slow").await(10, TimeUnit.SECONDS);
  }

  private float add(float a, float b) throws Exception {
    InferenceResult result = await(client.infer("adder", floats("a", a), floats("b", b)));
    assertThat(result.runtimeMicros()).isPresent();
    return result.first().toFloats()[0];
  }

  private Future<InferenceResult> infer(String model) {
    return client.infer(model, floats("a", 1), floats("b", 1));
  }

  private ModelDescriptor load(String name, String version, String json) throws Exception {
    return await(client.load(upload(name, version, json)));
  }

  private static ModelUpload upload(String name, String version, String json) {
    return ModelUpload.of(name, version, json.getBytes(StandardCharsets.UTF_8));
  }

  private static String delay(int ms) {
    return "{\"op\":\"delay\",\"ms\":" + ms + "}";
  }

  private static Tensor floats(String name, float... values) {
    return Tensor.of(name, values);
  }

  private long blobs() throws Exception {
    try (var files = Files.list(store.resolve("blobs"))) {
      return files.count();
    }
  }
}
