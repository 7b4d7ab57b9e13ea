package io.modelcontrol.serving;

import static io.modelcontrol.testing.TestNode.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import io.modelcontrol.server.McpServerOptions;
import io.modelcontrol.testing.TestNode;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageType;
import io.vertx.core.Future;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Requests that are given up while they wait, while they run and afterwards: one worker, 4 places.
 */
class CancelTest {
  private static final int PLACES = 4;

  @TempDir Path store;
  private final Cancellation runningOnly = new Cancellation();
  private final Cancellation waitingOnly = new Cancellation();
  private TestNode node;
  private McpClient client;

  @BeforeEach
  void start() throws Exception {
    ModelHostOptions host =
        new ModelHostOptions()
            .setStore(store.toString())
            .setWorkersPerModel(1)
            .setMaxInFlightPerWorker(PLACES);
    node = new TestNode(host, new McpServerOptions());
    client = other();
    load("slow", "{\"op\":\"delay\",\"ms\":30000}");
  }

  @AfterEach
  void stop() throws Exception {
    node.close();
  }

  private McpClient other() throws Exception {
    return node.client(
        new McpClientOptions()
            .setReconnectTimeoutMs(0)
            .setRetry(new RetryOptions().setMaxAttempts(1)));
  }

  private void load(String name, String json) throws Exception {
    await(client.load(ModelUpload.of(name, "1", json.getBytes(StandardCharsets.UTF_8))));
  }

  private static InferenceRequest slow() {
    return InferenceRequest.of("slow", Tensor.of("input", new float[] {1}));
  }

  /** One runs, the others wait: no place is free. */
  private List<Future<InferenceResult>> fill(McpClient by) throws Exception {
    List<Future<InferenceResult>> calls = new ArrayList<>();
    for (int i = 0; i < PLACES; i++) {
      calls.add(by.infer(slow(), i == 0 ? runningOnly : waitingOnly));
    }
    await(by.ping());
    assertThat(codeOf(client.infer(slow()))).isEqualTo(ErrorCode.OVERLOADED);
    return calls;
  }

  private static ErrorCode codeOf(Future<?> future) {
    Throwable[] cause = new Throwable[1];
    assertThatThrownBy(() -> await(future)).satisfies(e -> cause[0] = e);
    return McpException.of(cause[0]).code();
  }

  /** Taken in, and not answered within its time: there is a place, and the worker is busy. */
  private void assertOnlyAPlaceIsFree() {
    assertThat(codeOf(client.infer(slow().timeoutMs(200)))).isEqualTo(ErrorCode.DEADLINE_EXCEEDED);
  }

  /** To unload waits for what runs and for what waits. */
  private void assertWorkerIsFree() throws Exception {
    client.unload("slow").await(15, TimeUnit.SECONDS);
  }

  @Test
  void whatWaitsLeavesItsPlaceWhenItIsCanceled() throws Exception {
    List<Future<InferenceResult>> calls = fill(client);
    waitingOnly.cancel();
    assertThat(codeOf(calls.get(1))).isEqualTo(ErrorCode.REQUEST_CANCELED);
    assertOnlyAPlaceIsFree();
    assertThat(calls.get(0).isComplete()).isFalse();
    runningOnly.cancel();
    assertThat(codeOf(calls.get(0))).isEqualTo(ErrorCode.REQUEST_CANCELED);
    assertWorkerIsFree();
  }

  @Test
  void aClosedSessionTakesAllItsRequestsWithIt() throws Exception {
    McpClient leaving = other();
    List<Future<InferenceResult>> calls = fill(leaving);
    await(leaving.close());
    calls.forEach(call -> assertThat(codeOf(call)).isNotNull());
    assertWorkerIsFree();
  }

  @Test
  void whatAnUnloadWaitsForCanBeCanceled() throws Exception {
    List<Future<InferenceResult>> calls = fill(client);
    Future<Void> unloaded = client.unload("slow");
    Awaitility.await().until(() -> codeOf(client.infer(slow())) != ErrorCode.OVERLOADED);
    runningOnly.cancel();
    waitingOnly.cancel();
    for (Future<InferenceResult> call : calls) {
      assertThat(codeOf(call)).isEqualTo(ErrorCode.REQUEST_CANCELED);
    }
    unloaded.await(15, TimeUnit.SECONDS);
  }

  @Test
  void aResetFreesTheWorkerForTheNextRequest() throws Exception {
    Message message =
        Message.of(MessageType.INFERENCE_REQ)
            .modelName("slow")
            .requestId(new byte[16])
            .tensor(Tensor.of("input", new float[] {1}));
    await(
        client.stream()
            .compose(
                stream -> {
                  stream.end(message);
                  return client
                      .ping()
                      .onSuccess(
                          v ->
                              stream.reset(
                                  McpException.streamError(ErrorCode.REQUEST_CANCELED, "enough")));
                }));
    assertWorkerIsFree();
  }

  @Test
  void aCancelAfterTheAnswerDoesNothing() throws Exception {
    load("quick", "{\"op\":\"delay\",\"ms\":0}");
    InferenceRequest quick =
        InferenceRequest.of("quick", Tensor.of("input", new float[] {7})).requestId(new byte[16]);
    assertThat(await(client.infer(quick, runningOnly)).first().toFloats()).containsExactly(7);
    runningOnly.cancel();
    assertThat(await(client.infer(quick)).first().toFloats()).containsExactly(7);
    assertWorkerIsFree();
  }
}
